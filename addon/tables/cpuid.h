#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace auditql {

/// EAX, EBX, ECX, EDX of the CPUID instruction; nothing on other processors than x86, and for
/// leaves that this one does not have.
std::optional<std::array<uint32_t, 4>> cpuid(uint32_t leaf, uint32_t subleaf);

}  // namespace auditql
