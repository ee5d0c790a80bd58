#pragma once

#include <cstdint>

/// Record types that decoding treats specially (include/uapi/linux/audit.h). Every other type is
/// known by name only, see audit_names.h.
namespace auditql::record_type {

constexpr uint16_t user = 1005;
constexpr uint16_t login = 1006;
constexpr uint16_t first_kernel_event = 1300;
constexpr uint16_t syscall = 1300;
constexpr uint16_t path = 1302;
constexpr uint16_t socketcall = 1304;
constexpr uint16_t config_change = 1305;
constexpr uint16_t sockaddr = 1306;
constexpr uint16_t cwd = 1307;
constexpr uint16_t execve = 1309;
constexpr uint16_t eoe = 1320;
constexpr uint16_t bprm_fcaps = 1321;
constexpr uint16_t seccomp = 1326;
constexpr uint16_t proctitle = 1327;
constexpr uint16_t uringop = 1336;
constexpr uint16_t openat2 = 1337;
constexpr uint16_t avc = 1400;
constexpr uint16_t kernel = 2000;
constexpr uint16_t first_user_anomaly = 2100;

/// The record is an event of its own: user space sends it, or the kernel without a syscall
/// (audit_is_last_record() of audit-userspace). LOGIN belongs to the syscall that wrote loginuid.
constexpr bool is_whole_event(uint16_t type) {
  return (type > login && type < first_kernel_event) || type == user || type == kernel ||
         type >= first_user_anomaly;
}

/// The record says more about a SYSCALL record and never stands alone (kernel/auditsc.c,
/// show_special() and audit_log_exit()).
constexpr bool is_auxiliary(uint16_t type) {
  if (type > first_kernel_event && type <= 1318) return type != config_change && type != 1316;
  return type == bprm_fcaps || type == 1322 || type == 1323 || type == proctitle || type == openat2;
}

}  // namespace auditql::record_type
