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

/// CLOCK_REALTIME less another clock. Measured again after a second, since the wall clock is set.
class WallOffset {
 public:
  explicit WallOffset(clockid_t clock) : clock_(clock) {}
  /// `now_ns` is CLOCK_MONOTONIC. Wraps below 0.
  uint64_t at(uint64_t now_ns);

 private:
  const clockid_t clock_;
  uint64_t offset_ns_ = 0, until_ns_ = 0;
};

}  // namespace auditql
