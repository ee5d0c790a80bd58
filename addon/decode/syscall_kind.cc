#include "syscall_kind.h"

#include <array>
#include <string_view>

#include "audit_names.h"

namespace auditql {
namespace {

constexpr size_t kNumbers = 1024;
constexpr size_t kArches = static_cast<size_t>(Arch::s390) + 1;

SyscallKind kind_of(std::string_view name) {
  if (name == "fork" || name == "vfork") return SyscallKind::fork;
  if (name == "clone") return SyscallKind::clone;
  if (name == "clone3") return SyscallKind::clone3;
  if (name == "execve" || name == "execveat") return SyscallKind::exec;
  if (name == "exit_group") return SyscallKind::exit_group;
  if (name == "connect") return SyscallKind::connect;
  if (name == "bind") return SyscallKind::bind;
  if (name == "accept" || name == "accept4") return SyscallKind::accept;
  if (name == "listen") return SyscallKind::listen;
  if (name == "socketcall") return SyscallKind::socketcall;
  return SyscallKind::other;
}

using KindTable = std::array<std::array<SyscallKind, kNumbers>, kArches>;

KindTable make_table() {
  KindTable table{};
  for (size_t arch = 0; arch < kArches; arch++) {
    for (size_t number = 0; number < kNumbers; number++) {
      const std::string_view name =
          syscall_name(static_cast<Arch>(arch), static_cast<int32_t>(number));
      if (!name.empty()) table[arch][number] = kind_of(name);
    }
  }
  return table;
}

}  // namespace

SyscallKind syscall_kind(Arch arch, int32_t number) {
  static const KindTable table = make_table();
  if (arch == Arch::x32) number &= ~kX32SyscallBit;
  if (number < 0 || static_cast<size_t>(number) >= kNumbers) return SyscallKind::other;
  return table[static_cast<size_t>(arch)][static_cast<size_t>(number)];
}

SyscallKind socketcall_kind(uint64_t call) {
  switch (call) {
    case 2:
      return SyscallKind::bind;
    case 3:
      return SyscallKind::connect;
    case 4:
      return SyscallKind::listen;
    case 5:
    case 18:
      return SyscallKind::accept;
    default:
      return SyscallKind::other;
  }
}

SyscallKind uring_kind(uint64_t operation) {
  switch (operation) {
    case 13:
      return SyscallKind::accept;
    case 16:
      return SyscallKind::connect;
    case 56:
      return SyscallKind::bind;
    case 57:
      return SyscallKind::listen;
    default:
      return SyscallKind::other;
  }
}

}  // namespace auditql
