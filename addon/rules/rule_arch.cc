#include "rule_arch.h"

#include <linux/audit.h>
#include <sys/utsname.h>

#include <charconv>
#include <string>

#include "../decode/audit_names.h"
#include "../decode/generated/audit_tables.h"

namespace auditql {
namespace {

struct Machine {
  std::string_view name;  // as uname(2) gives it, or as audit-userspace's machinetab.h does
  uint32_t arch;
};

constexpr Machine kMachines[] = {
    {"x86_64", AUDIT_ARCH_X86_64},   {"i386", AUDIT_ARCH_I386},
    {"i486", AUDIT_ARCH_I386},       {"i586", AUDIT_ARCH_I386},
    {"i686", AUDIT_ARCH_I386},       {"aarch64", AUDIT_ARCH_AARCH64},
    {"arm", AUDIT_ARCH_ARM},         {"armv7l", AUDIT_ARCH_ARM},
    {"armv8l", AUDIT_ARCH_ARM},      {"riscv64", AUDIT_ARCH_RISCV64},
    {"ppc64le", AUDIT_ARCH_PPC64LE}, {"s390x", AUDIT_ARCH_S390X},
};

/// The architecture of 32-bit programs on a 64-bit kernel (CONFIG_COMPAT); 0 where there is none.
uint32_t compat_arch(uint32_t host) {
  switch (host) {
    case AUDIT_ARCH_X86_64:
      return AUDIT_ARCH_I386;
    case AUDIT_ARCH_AARCH64:
      return AUDIT_ARCH_ARM;
    case AUDIT_ARCH_S390X:
      return AUDIT_ARCH_S390;
    default:
      return (host & __AUDIT_ARCH_64BIT) == 0 ? host : 0;
  }
}

std::optional<uint32_t> numeric_arch(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (arch_of(number) == Arch::unknown) return std::nullopt;
  return number;
}

}  // namespace

uint32_t host_arch() {
  utsname host;
  if (::uname(&host) != 0) return 0;
  return arch_number(host.machine, 0).value_or(0);
}

std::optional<uint32_t> arch_number(std::string_view name, uint32_t host) {
  if (name == "b64" || name == "B64") {
    if ((host & __AUDIT_ARCH_64BIT) == 0) return std::nullopt;
    return host;
  }
  if (name == "b32" || name == "B32") {
    const uint32_t compat = compat_arch(host);
    return compat == 0 ? std::nullopt : std::optional(compat);
  }
  for (const Machine& each : kMachines) {
    if (each.name == name) return each.arch;
  }
  return numeric_arch(name);
}

std::string_view arch_width(uint32_t arch) {
  return (arch & __AUDIT_ARCH_64BIT) != 0 ? "b64" : "b32";
}

std::optional<uint32_t> rule_syscall_number(uint32_t arch, std::string_view name) {
  // What auditctl calls it there alone (lib/i386_table.h of audit-userspace), and rules in the
  // wild.
  if (arch == AUDIT_ARCH_I386 && name == "sys_kexec_load") name = "kexec_load";
  const int32_t number = syscall_number(arch_of(arch), name);
  return number < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(number));
}

std::string_view rule_syscall_name(uint32_t arch, uint32_t number) {
  return syscall_name(arch_of(arch), static_cast<int32_t>(number));
}

std::optional<CallNumbers> call_numbers(std::string_view arch, std::string_view syscall) {
  // x32 calls carry x86_64's architecture and bit 30 (__X32_SYSCALL_BIT, asm/unistd.h).
  constexpr uint32_t kX32Bit = 0x40000000;
  const bool is_x32 = arch == arch_name(Arch::x32);
  const auto machine = is_x32 ? std::optional<uint32_t>(AUDIT_ARCH_X86_64) : arch_number(arch, 0);
  if (!machine) return std::nullopt;
  const int32_t number = syscall_number(is_x32 ? Arch::x32 : arch_of(*machine), syscall);
  if (number < 0) return std::nullopt;
  const auto bare = static_cast<uint32_t>(number) & ~kX32Bit;
  return CallNumbers{*machine, is_x32 ? bare | kX32Bit : bare};
}

std::optional<int32_t> errno_number(std::string_view name) {
  for (const audit_tables::NumberedName& each : audit_tables::errnos()) {
    if (each.name == name) return each.number;
  }
  return std::nullopt;
}

}  // namespace auditql
