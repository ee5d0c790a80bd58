#pragma once

#include <cstdint>

#include "../rules/audit_netlink.h"
#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

/// How records reach us.
enum class AuditMode {
  unicast,    ///< as the one owner of the stream, like auditd
  multicast,  ///< beside another owner; the kernel drops what we do not read in time
};

/// A socket that records arrive on. `receive_buffer_bytes` is asked for beyond the host's limit
/// where CAP_NET_ADMIN allows it. With unicast nothing arrives before `become_owner`.
Result<UniqueFd> open_record_socket(AuditMode mode, int receive_buffer_bytes);

/// Makes `records` the receiver of the kernel's records. Fails with `audit_owner_present` while
/// another process that lives is the owner.
Status become_owner(const UniqueFd& records, AuditNetlink& audit);

/// Whether a living process other than this one owns the stream. The kernel goes on naming an owner
/// that died until a record that it sends there fails (auditd_reset in kernel/audit.c), which on a
/// quiet host may take long.
bool another_owner_lives(const AuditStatus& status);

/// Bytes that the kernel holds for the socket, and how many it may (SO_MEMINFO).
struct SocketFill {
  uint32_t used_bytes = 0;
  uint32_t limit_bytes = 0;
};
SocketFill socket_fill(int fd);

/// `CONFIG_HZ` of the kernel: backlog_wait_time is in jiffies, and sysconf(_SC_CLK_TCK) is not it.
uint32_t jiffies_per_second();

}  // namespace auditql
