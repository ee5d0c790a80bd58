#pragma once

#include <string>

namespace auditql {

/// Whether the folder's content is made up by the kernel as one looks: endless, and nobody tells of
/// its changes.
bool is_pseudo_file_system(const std::string& folder);

}  // namespace auditql
