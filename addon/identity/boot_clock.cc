#include "boot_clock.h"

#include <unistd.h>

#include "../system/clocks.h"

namespace auditql {

BootClock BootClock::measure() {
  uint64_t narrowest = UINT64_MAX, boot_ns = 0;
  // The narrowest of a few brackets: being preempted between the reads would shift the result.
  for (int i = 0; i < 16; i++) {
    const uint64_t before = clock_ns(CLOCK_BOOTTIME);
    const uint64_t wall = clock_ns(CLOCK_REALTIME);
    const uint64_t width = clock_ns(CLOCK_BOOTTIME) - before;
    if (width >= narrowest) continue;
    narrowest = width;
    boot_ns = wall - (before + width / 2);
  }
  constexpr uint64_t ms = 1'000'000;
  const long ticks_per_second = ::sysconf(_SC_CLK_TCK);
  return BootClock((boot_ns + ms / 2) / ms * ms,
                   ticks_per_second > 0 ? static_cast<uint64_t>(ticks_per_second) : 100);
}

}  // namespace auditql
