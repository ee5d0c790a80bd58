#include "cpuid.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace auditql {

std::optional<std::array<uint32_t, 4>> cpuid([[maybe_unused]] uint32_t leaf,
                                             [[maybe_unused]] uint32_t subleaf) {
#if defined(__x86_64__) || defined(__i386__)
  constexpr uint32_t kHypervisorLeaves = 0x40000000;
  constexpr uint32_t kRangeMask = 0xc0000000;
  std::array<uint32_t, 4> registers{};
  auto& [a, b, c, d] = registers;
  // Leaves of a hypervisor have a range of their own, which __get_cpuid_max() does not know.
  if ((leaf & kRangeMask) == kHypervisorLeaves) {
    __cpuid_count(1, 0, a, b, c, d);
    constexpr uint32_t kHypervisorPresent = 1u << 31;
    if ((c & kHypervisorPresent) == 0) return std::nullopt;
    __cpuid_count(leaf, subleaf, a, b, c, d);
    return registers;
  }
  if (__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d) == 0) return std::nullopt;
  return registers;
#else
  return std::nullopt;
#endif
}

}  // namespace auditql
