#pragma once

#include <cstdint>
#include <string_view>

#include "event.h"

/// Names of the numbers in audit records, and back. Tables: generated/audit_tables.cc.
/// Every lookup takes constant time and is safe from any thread.
namespace auditql {

/// `SYSCALL` for 1300; empty when the type has no name.
std::string_view record_type_name(uint16_t type);
/// 1300 for `SYSCALL`, 1420 for `UNKNOWN[1420]` (as auditd writes types it does not know); 0 when
/// the name is neither.
uint16_t record_type_number(std::string_view name);

/// `execve` for (x86_64, 59); empty when the table has no such call. x32 numbers may carry the x32
/// bit.
std::string_view syscall_name(Arch arch, int32_t number);
/// 59 for (x86_64, `execve`), -1 when there is none. Linear in the table: not for every event.
int32_t syscall_number(Arch arch, std::string_view name);

std::string_view errno_name(int32_t number);          ///< `ENOENT` for 2
std::string_view signal_name(int32_t number);         ///< `SIGKILL` for 9
std::string_view socket_family_name(int32_t number);  ///< `inet6` for 10

/// Machine of an AUDIT_ARCH_* number (include/uapi/linux/audit.h). x32 calls have x86_64's number
/// and are told by their syscall number.
Arch arch_of(uint32_t audit_arch);
/// Name as audit tools print it (`x86_64`, `i386`, `aarch64`, …); empty for `unknown`.
std::string_view arch_name(Arch arch);

}  // namespace auditql
