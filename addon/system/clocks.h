#pragma once

#include <cstdint>
#include <ctime>

namespace auditql {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;

/// What a clock of clock_gettime(2) shows, in nanoseconds.
uint64_t clock_ns(clockid_t clock);
/// CLOCK_MONOTONIC in nanoseconds.
uint64_t monotonic_ns();
/// CLOCK_REALTIME in nanoseconds.
uint64_t wall_clock_ns();

}  // namespace auditql
