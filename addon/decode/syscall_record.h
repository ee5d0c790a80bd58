#pragma once

#include <array>
#include <string_view>

#include "event.h"

namespace auditql {

/// Fields of a SYSCALL record (audit_log_exit() of kernel/auditsc.c). Text fields are as written:
/// quoted, hex or `(null)`, for decode_text().
struct SyscallRecord {
  Arch arch = Arch::unknown;
  int32_t number = -1;
  Outcome outcome;
  std::array<uint64_t, 4> arguments{};
  uint32_t items = 0;  ///< number of PATH records that belong to the event
  int32_t parent = 0;
  int32_t pid = 0;
  Credentials credentials;
  std::string_view tty, comm, exe, subject, key;
};

/// Reads the body of a SYSCALL record. Fields may come in any order, be missing or be new; the
/// kernel's usual order is read without searching.
SyscallRecord parse_syscall(std::string_view body);

}  // namespace auditql
