#include "audit_socket.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <string>

namespace auditql {
namespace {

/// Sends without waiting for an answer: records may arrive on the same socket at any moment, and
/// none may be read here. The kernel works within sendto(2), so the effect is seen at once.
Status send_registration(int fd, uint32_t pid) {
  struct {
    nlmsghdr header;
    audit_status status;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = AUDIT_SET;
  message.header.nlmsg_flags = NLM_F_REQUEST;
  message.status.mask = AUDIT_STATUS_PID;
  message.status.pid = pid;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(fd, &message, sizeof message, 0, reinterpret_cast<const sockaddr*>(&kernel),
               sizeof kernel) < 0) {
    return audit_request_error(errno, "becoming the owner of the audit stream");
  }
  return Done{};
}

}  // namespace

Result<UniqueFd> open_record_socket(AuditMode mode, int receive_buffer_bytes) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
  if (!fd) return audit_request_error(errno, "opening the audit netlink");
  const auto* size = &receive_buffer_bytes;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, size, sizeof *size) != 0) {
    // Without CAP_NET_ADMIN the host's net.core.rmem_max is the most there is.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, size, sizeof *size);
  }
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (mode == AuditMode::multicast) address.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EPERM) {
      return Error{"audit_permission",
                   "reading the audit multicast is not permitted: it requires CAP_AUDIT_READ",
                   EPERM};
    }
    return audit_request_error(errno, "binding the audit netlink");
  }
  return fd;
}

Status become_owner(const UniqueFd& records, AuditNetlink& audit) {
  const auto own_pid = static_cast<uint32_t>(::getpid());
  if (Status sent = send_registration(records.get(), own_pid); !sent) return sent;
  Result<AuditStatus> now = audit.status();
  if (!now) return now.error();
  if (now.value().pid == own_pid) return Done{};
  return Error{
      "audit_owner_present",
      now.value().pid == 0
          ? std::string("the kernel did not accept this process as owner of the audit stream")
          : "the audit stream is owned by pid " + std::to_string(now.value().pid),
      EEXIST};
}

bool another_owner_lives(const AuditStatus& status) {
  if (status.pid == 0 || status.pid == static_cast<uint32_t>(::getpid())) return false;
  return ::kill(static_cast<pid_t>(status.pid), 0) == 0 || errno == EPERM;
}

SocketFill socket_fill(int fd) {
  uint32_t values[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof values;
  if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size) != 0) return {};
  return {values[SK_MEMINFO_RMEM_ALLOC], values[SK_MEMINFO_RCVBUF]};
}

uint32_t jiffies_per_second() {
  timespec tick{};
  // The coarse clocks advance once per tick: their resolution is TICK_NSEC.
  if (::clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0 || tick.tv_nsec == 0) return 100;
  return static_cast<uint32_t>((1000000000L + tick.tv_nsec / 2) / tick.tv_nsec);
}

}  // namespace auditql
