#include "audit_names.h"

#include <algorithm>
#include <array>
#include <vector>

#include "generated/audit_tables.h"

namespace auditql {
namespace {

using audit_tables::NumberedName;

/// Above the largest number of any table except arm's private calls (0x0f0000…).
constexpr size_t kDenseLimit = 1024;

/// Names by number: an array for the small ones, a search for the few large ones.
class NamesByNumber {
 public:
  explicit NamesByNumber(std::span<const NumberedName> table) : table_(table) {
    for (const NumberedName& each : table) {
      const auto number = static_cast<size_t>(each.number);
      if (number >= kDenseLimit) continue;
      if (dense_.size() <= number) dense_.resize(number + 1);
      dense_[number] = each.name;
    }
  }

  std::string_view find(int32_t number) const {
    if (number < 0) return {};
    if (static_cast<size_t>(number) < dense_.size()) return dense_[static_cast<size_t>(number)];
    const auto found = std::lower_bound(
        table_.begin(), table_.end(), number,
        [](const NumberedName& each, int32_t wanted) { return each.number < wanted; });
    return found != table_.end() && found->number == number ? found->name : std::string_view();
  }

  int32_t number_of(std::string_view name) const {
    for (const NumberedName& each : table_) {
      if (each.name == name) return each.number;
    }
    return -1;
  }

 private:
  std::span<const NumberedName> table_;
  std::vector<std::string_view> dense_;
};

/// Record types by name: open addressing over four times as many cells as there are names.
class NumbersByName {
 public:
  explicit NumbersByName(std::span<const NumberedName> table) {
    for (const NumberedName& each : table) {
      size_t at = hash(each.name);
      while (!cells_[at].name.empty()) at = (at + 1) % kCells;
      cells_[at] = each;
    }
  }

  uint16_t find(std::string_view name) const {
    for (size_t at = hash(name); !cells_[at].name.empty(); at = (at + 1) % kCells) {
      if (cells_[at].name == name) return static_cast<uint16_t>(cells_[at].number);
    }
    return 0;
  }

 private:
  static constexpr size_t kCells = 1024;
  static size_t hash(std::string_view name) {
    uint32_t value = 2166136261u;  // FNV-1a
    for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 16777619u;
    return (value ^ (value >> 15)) % kCells;
  }
  std::array<NumberedName, kCells> cells_{};
};

const NamesByNumber* syscalls_of(Arch arch) {
  static const NamesByNumber x86_64(audit_tables::x86_64_syscalls());
  static const NamesByNumber i386(audit_tables::i386_syscalls());
  static const NamesByNumber x32(audit_tables::x32_syscalls());
  static const NamesByNumber aarch64(audit_tables::aarch64_syscalls());
  static const NamesByNumber arm(audit_tables::arm_syscalls());
  static const NamesByNumber riscv64(audit_tables::riscv64_syscalls());
  static const NamesByNumber ppc64le(audit_tables::ppc64le_syscalls());
  static const NamesByNumber s390x(audit_tables::s390x_syscalls());
  switch (arch) {
    case Arch::x86_64:
      return &x86_64;
    case Arch::i386:
      return &i386;
    case Arch::x32:
      return &x32;
    case Arch::aarch64:
      return &aarch64;
    case Arch::arm:
      return &arm;
    case Arch::riscv64:
      return &riscv64;
    // Big-endian and 32-bit s390 calls use the tables of their 64-bit sibling
    // (arch/powerpc/kernel/syscalls/syscall.tbl, arch/s390/kernel/syscalls/syscall.tbl).
    case Arch::ppc64le:
    case Arch::ppc64:
      return &ppc64le;
    case Arch::s390x:
    case Arch::s390:
      return &s390x;
    case Arch::unknown:
      return nullptr;
  }
  return nullptr;
}

/// `UNKNOWN[1399]` of auditd, and `1399` alone, which audit_name_to_msg_type(3) takes too.
uint16_t unknown_type_number(std::string_view name) {
  constexpr std::string_view kPrefix = "UNKNOWN[";
  if (name.starts_with(kPrefix) && name.back() == ']') {
    name.remove_prefix(kPrefix.size());
    name.remove_suffix(1);
  }
  constexpr size_t kMostDigits = 5;
  if (name.size() > kMostDigits) return 0;
  uint32_t number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  return number <= UINT16_MAX ? static_cast<uint16_t>(number) : uint16_t{0};
}

}  // namespace

std::string_view record_type_name(uint16_t type) {
  static const auto names = [] {
    std::array<std::string_view, 3000> by_number{};
    for (const NumberedName& each : audit_tables::record_types()) {
      by_number[static_cast<size_t>(each.number)] = each.name;
    }
    return by_number;
  }();
  return type < names.size() ? names[type] : std::string_view();
}

uint16_t record_type_number(std::string_view name) {
  static const NumbersByName numbers(audit_tables::record_types());
  const uint16_t number = numbers.find(name);
  return number != 0 ? number : unknown_type_number(name);
}

std::string_view syscall_name(Arch arch, int32_t number) {
  const NamesByNumber* table = syscalls_of(arch);
  if (table == nullptr) return {};
  return table->find(arch == Arch::x32 ? number & ~kX32SyscallBit : number);
}

int32_t syscall_number(Arch arch, std::string_view name) {
  const NamesByNumber* table = syscalls_of(arch);
  return table == nullptr ? -1 : table->number_of(name);
}

std::string_view errno_name(int32_t number) {
  static const NamesByNumber names(audit_tables::errnos());
  return names.find(number);
}

std::string_view signal_name(int32_t number) {
  static const NamesByNumber names(audit_tables::signals());
  return names.find(number);
}

std::string_view socket_family_name(int32_t number) {
  static const NamesByNumber names(audit_tables::socket_families());
  return names.find(number);
}

Arch arch_of(uint32_t audit_arch) {
  switch (audit_arch) {
    case 0xc000003e:
      return Arch::x86_64;
    case 0x40000003:
      return Arch::i386;
    case 0xc00000b7:
      return Arch::aarch64;
    case 0x40000028:
      return Arch::arm;
    case 0xc00000f3:
      return Arch::riscv64;
    case 0xc0000015:
      return Arch::ppc64le;
    case 0x80000015:
      return Arch::ppc64;
    case 0x80000016:
      return Arch::s390x;
    case 0x00000016:
      return Arch::s390;
    default:
      return Arch::unknown;
  }
}

std::string_view arch_name(Arch arch) {
  switch (arch) {
    case Arch::x86_64:
      return "x86_64";
    case Arch::i386:
      return "i386";
    case Arch::x32:
      return "x32";
    case Arch::aarch64:
      return "aarch64";
    case Arch::arm:
      return "arm";
    case Arch::riscv64:
      return "riscv64";
    case Arch::ppc64le:
      return "ppc64le";
    case Arch::ppc64:
      return "ppc64";
    case Arch::s390x:
      return "s390x";
    case Arch::s390:
      return "s390";
    case Arch::unknown:
      return {};
  }
  return {};
}

}  // namespace auditql
