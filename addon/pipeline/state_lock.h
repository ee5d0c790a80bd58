#pragma once

#include <string>

#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

/// Makes the state directory where there is none, and takes its lock: one process uses it at a
/// time. Errors: store_locked, store_open_failed.
Result<UniqueFd> lock_state_directory(const std::string& directory);

}  // namespace auditql
