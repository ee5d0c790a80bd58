#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "result.h"

namespace auditql {

struct SyscallFilterOptions {
  /// Lets the process open TCP and UDP sockets; without it only unix sockets and rtnetlink.
  bool allow_network = false;
};

/// The classic BPF program of install_syscall_filter(), for this architecture and process; empty
/// where there is none for the architecture.
std::vector<sock_filter> syscall_filter_program(const SyscallFilterOptions& options);

/// Allows every thread of this process the system calls that tables use and rejects all others with
/// EPERM, opening a file for writing with EACCES (seccomp(2)). It cannot be undone. Needs
/// no_new_privs. Errors: privileges_failed, also on kernels and architectures without filters.
Status install_syscall_filter(const SyscallFilterOptions& options);

}  // namespace auditql
