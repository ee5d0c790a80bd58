#pragma once

#include <cstdint>

namespace auditql {

/// Turns start ticks (field 22 of /proc/PID/stat: CLOCK_BOOTTIME in 1/sysconf(_SC_CLK_TCK) s) into
/// wall-clock nanoseconds and back. Fixed for the life of the daemon, so that a start time that was
/// given once stays; only identities that had to be estimated depend on the wall clock.
class BootClock {
 public:
  /// The running host: CLOCK_REALTIME - CLOCK_BOOTTIME to the millisecond. /proc/stat's btime has
  /// whole seconds only, and rounds differently from one read to the next.
  static BootClock measure();

  constexpr BootClock(uint64_t boot_ns, uint64_t ticks_per_second)
      : boot_ns_(boot_ns), tick_ns_(1'000'000'000 / ticks_per_second) {}

  constexpr uint64_t wall_ns(uint64_t ticks) const { return boot_ns_ + ticks * tick_ns_; }
  /// 0 for times before the boot.
  constexpr uint64_t ticks(uint64_t wall_ns) const {
    return wall_ns <= boot_ns_ ? 0 : (wall_ns - boot_ns_) / tick_ns_;
  }

 private:
  uint64_t boot_ns_;
  uint64_t tick_ns_;
};

}  // namespace auditql
