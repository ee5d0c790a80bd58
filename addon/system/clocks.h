#pragma once

#include <cstdint>

namespace auditql {

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t monotonic_ns();
/// CLOCK_REALTIME in nanoseconds.
uint64_t wall_clock_ns();

}  // namespace auditql
