#pragma once

#include <compare>
#include <cstdint>

namespace auditql {

/// Which process of one boot: its pid in the initial pid namespace and its start in clock ticks
/// since boot, in one word. Two processes never share both. 0 stands for "not known".
class ProcessKey {
 public:
  /// PID_MAX_LIMIT is 4 Mi on 64-bit kernels (include/linux/threads.h).
  static constexpr int kPidBits = 22;
  /// 36 bits of 1/100 s are 21 years of uptime.
  static constexpr int kTickBits = 36;
  static constexpr int32_t kPidLimit = 1 << kPidBits;

  constexpr ProcessKey() = default;
  constexpr ProcessKey(int32_t pid, uint64_t start_ticks)
      : bits_(((start_ticks & ((uint64_t{1} << kTickBits) - 1)) << kPidBits) |
              (static_cast<uint64_t>(pid) & (kPidLimit - 1))) {}

  constexpr bool known() const { return bits_ != 0; }
  constexpr int32_t pid() const { return static_cast<int32_t>(bits_ & (kPidLimit - 1)); }
  constexpr uint64_t start_ticks() const { return bits_ >> kPidBits; }
  constexpr uint64_t bits() const { return bits_; }
  constexpr auto operator<=>(const ProcessKey&) const = default;

 private:
  uint64_t bits_ = 0;
};

}  // namespace auditql
