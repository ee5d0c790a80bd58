#pragma once

#include <memory>

#include "query_watchdog.h"

namespace auditql {

/// Reads `fd` on a thread of its own: each little-endian u32 cancels the query of that generation.
/// End of file means that the parent is gone, and ends the process.
void listen_for_cancels(int fd, std::shared_ptr<QueryWatchdog> watchdog);

}  // namespace auditql
