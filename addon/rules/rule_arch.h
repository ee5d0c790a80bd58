#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace auditql {

/// AUDIT_ARCH_* of the running kernel (uname(2)), or 0 where auditql knows no tables for it.
uint32_t host_arch();

/// What `-F arch=` takes: b64, b32 (both relative to `host`), a machine name, or a hex number.
std::optional<uint32_t> arch_number(std::string_view name, uint32_t host);
/// As auditctl prints it: `b64` or `b32`.
std::string_view arch_width(uint32_t arch);

/// Number of a syscall in the table of an AUDIT_ARCH_*.
std::optional<uint32_t> rule_syscall_number(uint32_t arch, std::string_view name);
/// Empty where the architecture or the number is unknown.
std::string_view rule_syscall_name(uint32_t arch, uint32_t number);

/// A call as a SYSCALL record names it.
struct CallNumbers {
  uint32_t arch = 0;     ///< AUDIT_ARCH_*
  uint32_t syscall = 0;  ///< with its bit for x32
};
/// From the names that records are shown with, e.g. (`x86_64`, `execve`).
std::optional<CallNumbers> call_numbers(std::string_view arch, std::string_view syscall);

/// 2 for `ENOENT`.
std::optional<int32_t> errno_number(std::string_view name);

}  // namespace auditql
