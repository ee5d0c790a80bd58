#pragma once

#include <string_view>
#include <vector>

namespace auditql {

/// The arguments in the bytes of /proc/PID/cmdline, each ended by a NUL byte.
std::vector<std::string_view> split_arguments(std::string_view cmdline);

}  // namespace auditql
