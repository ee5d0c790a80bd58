#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace auditql {

/// Finds events of which no record came, by the gaps in their serials.
///
/// The kernel counts in `lost` what it could not put into its queue; such an event takes no
/// serial. What it drops later, between its queue and us, is in no counter of the kernel: while a
/// unicast reader does not read, kauditd_hold_skb() frees records silently unless the host was
/// booted with audit=1, and a multicast socket overruns. Those events have serials, so they are
/// seen here. Serials arrive out of order by a few (SMP) up to the length of the kernel's queues.
class SerialGaps {
 public:
  /// Events that may come in any order before a missing one counts as missing.
  static constexpr uint32_t kWindow = 8192;

  /// Notes a serial; how many events turned out to be missing by that.
  uint64_t add(uint32_t serial);
  /// Nothing more will come for now: how many events of those expected so far are missing.
  uint64_t finish();

 private:
  uint64_t advance_to(uint32_t base);

  std::bitset<kWindow> seen_;  ///< by serial modulo the window
  uint32_t base_ = 0;          ///< all serials before this one are settled
  uint32_t top_ = 0;           ///< one past the highest seen
  bool is_begun_ = false;
};

/// The serial of a record's text: `audit(1700000000.123:4567): ...`.
std::optional<uint32_t> record_serial(std::string_view body);

}  // namespace auditql
