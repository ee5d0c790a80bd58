#pragma once

#include <cstdint>

#include "event.h"

namespace auditql {

/// What a syscall does, as far as typed events go.
enum class SyscallKind : uint8_t {
  other,
  fork,    ///< fork, vfork: no flags
  clone,   ///< clone: flags in an argument
  clone3,  ///< flags in memory that audit does not show
  exec,    ///< execve, execveat
  exit_group,
  connect,
  bind,
  accept,  ///< accept, accept4
  listen,
  socketcall,  ///< the call is in argument 0
};

/// Kind by the machine's own table: number 11 is execve on i386 and munmap on x86_64.
SyscallKind syscall_kind(Arch arch, int32_t number);

/// Kind of socketcall(2)'s call number (include/uapi/linux/net.h, SYS_*).
SyscallKind socketcall_kind(uint64_t call);

/// Kind of an io_uring operation (include/uapi/linux/io_uring.h, IORING_OP_*).
SyscallKind uring_kind(uint64_t operation);

}  // namespace auditql
