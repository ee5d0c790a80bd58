#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// Tables written by scripts/generate-audit-tables.py, each in ascending order of number.
/// audit_names.h looks names and numbers up in them.
namespace auditql::audit_tables {

struct NumberedName {
  int32_t number;
  std::string_view name;
};

std::span<const NumberedName> record_types();
std::span<const NumberedName> x86_64_syscalls();
std::span<const NumberedName> i386_syscalls();
std::span<const NumberedName> x32_syscalls();  ///< numbers without __X32_SYSCALL_BIT
std::span<const NumberedName> aarch64_syscalls();
std::span<const NumberedName> arm_syscalls();
std::span<const NumberedName> riscv64_syscalls();
std::span<const NumberedName> ppc64le_syscalls();
std::span<const NumberedName> s390x_syscalls();
std::span<const NumberedName> errnos();
std::span<const NumberedName> signals();
std::span<const NumberedName> socket_families();

}  // namespace auditql::audit_tables
