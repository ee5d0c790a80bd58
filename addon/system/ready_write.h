#pragma once

#include <string_view>

#include "result.h"

namespace auditql {

/// Writes as much as a descriptor that others share takes without waiting, and leaves O_NONBLOCK
/// as it is, which the others would share too: to a pipe, terminal or socket that is ready, to a
/// file always. Answers with the bytes written; 0 where it takes nothing now.
Result<size_t> write_ready(int fd, std::string_view bytes);

}  // namespace auditql
