#include "clocks.h"

namespace auditql {

uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

uint64_t monotonic_ns() { return clock_ns(CLOCK_MONOTONIC); }
uint64_t wall_clock_ns() { return clock_ns(CLOCK_REALTIME); }

uint64_t WallOffset::at(uint64_t now_ns) {
  constexpr uint64_t kKeptNs = 1'000'000'000;
  if (now_ns < until_ns_) return offset_ns_;
  uint64_t shortest_ns = UINT64_MAX;
  // Of a few looks the quickest: the thread may be paused between the readings.
  for (int look = 0; look < 3; look++) {
    const uint64_t before_ns = clock_ns(clock_);
    const uint64_t wall_ns = wall_clock_ns();
    const uint64_t took_ns = clock_ns(clock_) - before_ns;
    if (took_ns >= shortest_ns) continue;
    shortest_ns = took_ns;
    offset_ns_ = wall_ns - before_ns - took_ns / 2;
  }
  until_ns_ = now_ns + kKeptNs;
  return offset_ns_;
}

}  // namespace auditql
