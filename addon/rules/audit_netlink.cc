#include "audit_netlink.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "../system/clocks.h"

namespace auditql {
namespace {

int64_t monotonic_ms() { return static_cast<int64_t>(monotonic_ns() / 1'000'000); }

Error failed(const char* code, const std::string& message, int error_number) {
  return Error{code, message + " (" + std::strerror(error_number) + ")", error_number};
}

}  // namespace

Error audit_request_error(int error_number, const std::string& what) {
  switch (error_number) {
    case EPERM:
    case EACCES:
      return failed("audit_permission",
                    what +
                        " is not permitted: it requires CAP_AUDIT_CONTROL in the initial pid "
                        "namespace, and rules that are not locked (auditctl -e 2)",
                    error_number);
    case ECONNREFUSED:
    case EPROTONOSUPPORT:
      return failed("audit_unavailable",
                    what +
                        " failed: no audit in this kernel (CONFIG_AUDIT, audit=off), or this is a "
                        "user namespace of a container",
                    error_number);
    case EEXIST:
      return failed("audit_exists", what + " failed: it exists already", error_number);
    case ENOENT:
      return failed("audit_not_found", what + " failed: the kernel does not have this rule",
                    error_number);
    case EINVAL:
      return failed("audit_invalid", what + " failed: the kernel rejected it", error_number);
    default:
      return failed("audit_request_failed", what + " failed", error_number);
  }
}

Result<AuditStatus> AuditStatus::parse(std::string_view bytes) {
  audit_status raw{};
  // Kernel 2.6 sends up to `backlog`; each later field came with its own version.
  if (bytes.size() < offsetof(audit_status, backlog) + sizeof raw.backlog) {
    return Error{"audit_request_failed", "the kernel's audit status is too short", EPROTO};
  }
  std::memcpy(&raw, bytes.data(), std::min(bytes.size(), sizeof raw));
  AuditStatus status;
  status.enabled = raw.enabled;
  status.failure = raw.failure;
  status.pid = raw.pid;
  status.rate_limit = raw.rate_limit;
  status.backlog_limit = raw.backlog_limit;
  status.lost = raw.lost;
  status.backlog = raw.backlog;
  status.feature_bitmap = raw.feature_bitmap;
  status.backlog_wait_time = raw.backlog_wait_time;
  status.backlog_wait_time_actual = raw.backlog_wait_time_actual;
  return status;
}

Result<AuditNetlink> AuditNetlink::open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
  if (!fd) return audit_request_error(errno, "opening the audit netlink");
  return AuditNetlink(std::move(fd));
}

Result<AuditStatus> AuditNetlink::status() {
  const std::string what = "reading the audit status";
  Result<AuditStatus> status = Error{"audit_request_failed", what + ": no answer", EPROTO};
  const Status sent = exchange({AUDIT_GET, {}, what}, Until::answered, [&](const Reply& reply) {
    if (reply.type == AUDIT_GET) status = AuditStatus::parse(reply.body);
  });
  if (!sent) return sent.error();
  return status;
}

Status AuditNetlink::set_status(uint32_t mask, const AuditStatus& values) {
  audit_status raw{};
  raw.mask = mask;
  raw.enabled = values.enabled;
  raw.failure = values.failure;
  raw.pid = values.pid;
  raw.rate_limit = values.rate_limit;
  raw.backlog_limit = values.backlog_limit;
  raw.backlog_wait_time = values.backlog_wait_time;
  // `lost` and `backlog_wait_time_actual` can only be reset to 0 (audit_receive_msg()).
  const std::string_view body(reinterpret_cast<const char*>(&raw), sizeof raw);
  return command({AUDIT_SET, body, "changing the audit status"});
}

Status AuditNetlink::set_feature(uint32_t feature, bool on, bool lock) {
  audit_features raw{};
  raw.vers = AUDIT_FEATURE_VERSION;
  raw.mask = AUDIT_FEATURE_TO_MASK(feature);
  raw.features = on ? raw.mask : 0;
  raw.lock = lock ? raw.mask : 0;
  const std::string_view body(reinterpret_cast<const char*>(&raw), sizeof raw);
  return command({AUDIT_SET_FEATURE, body, "changing an audit feature"});
}

Result<std::vector<AuditRule>> AuditNetlink::rules() {
  std::vector<AuditRule> found;
  Status parsed = Done{};
  const Status sent = exchange({AUDIT_LIST_RULES, {}, "listing the audit rules"}, Until::done,
                               [&](const Reply& reply) {
                                 if (reply.type != AUDIT_LIST_RULES) return;
                                 Result<AuditRule> rule = AuditRule::parse(reply.body);
                                 if (rule) {
                                   found.push_back(rule.take());
                                 } else {
                                   parsed = rule.error();
                                 }
                               });
  if (!sent) return sent.error();
  if (!parsed) return parsed.error();
  return found;
}

Status AuditNetlink::add_rule(const AuditRule& rule) {
  return command({AUDIT_ADD_RULE, rule.serialize(), "adding an audit rule"});
}

Status AuditNetlink::delete_rule(const AuditRule& rule) {
  return command({AUDIT_DEL_RULE, rule.serialize(), "deleting an audit rule"});
}

Status AuditNetlink::trim_subtrees() { return command({AUDIT_TRIM, {}, "trimming audit trees"}); }

Status AuditNetlink::make_equivalent(std::string_view mount_point, std::string_view subtree) {
  const uint32_t sizes[2] = {static_cast<uint32_t>(mount_point.size()),
                             static_cast<uint32_t>(subtree.size())};
  std::string body(reinterpret_cast<const char*>(sizes), sizeof sizes);
  body.append(mount_point).append(subtree);
  return command({AUDIT_MAKE_EQUIV, body, "making audit trees equivalent"});
}

Status AuditNetlink::command(const Request& request) {
  return exchange(request, Until::acknowledged, [](const Reply&) {});
}

Status AuditNetlink::exchange(const Request& request, Until until,
                              const std::function<void(const Reply&)>& on_reply) {
  if (Status sent = send(request); !sent) return sent;
  const int64_t deadline_ms = monotonic_ms() + kTimeoutMs;
  while (true) {
    std::string_view message;
    if (Status got = receive(deadline_ms, request.what, &message); !got) return got;
    nlmsghdr header;
    std::memcpy(&header, message.data(), sizeof header);
    // Answers to a request that timed out before may still arrive.
    if (header.nlmsg_seq != sequence_) continue;
    const std::string_view body = message.substr(sizeof header);
    if (header.nlmsg_type == NLMSG_ERROR) {
      int32_t error = 0;
      if (body.size() >= sizeof error) std::memcpy(&error, body.data(), sizeof error);
      if (error != 0) return audit_request_error(-error, request.what);
      if (until == Until::acknowledged) return Done{};
    } else if (header.nlmsg_type == NLMSG_DONE) {
      if (until == Until::done) return Done{};
    } else {
      on_reply({header.nlmsg_type, body});
      if (until == Until::answered) return Done{};
    }
  }
}

Status AuditNetlink::send(const Request& request) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(request.body.size()));
  header.nlmsg_type = request.type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  header.nlmsg_seq = ++sequence_;
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message.append(request.body);
  message.resize(NLMSG_ALIGN(message.size()));
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = ::sendto(fd_.get(), message.data(), message.size(), 0,
                    reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return audit_request_error(errno, request.what);
  return Done{};
}

Status AuditNetlink::receive(int64_t deadline_ms, const std::string& what,
                             std::string_view* message) {
  while (true) {
    const int64_t left_ms = deadline_ms - monotonic_ms();
    if (left_ms <= 0) {
      return Error{"audit_timeout", what + ": the kernel's answer timed out", ETIMEDOUT};
    }
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left_ms)) <= 0) continue;
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const ssize_t got = ::recvfrom(fd_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &from_size);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return audit_request_error(errno, what);
    // Only the kernel has port 0; another process could send to ours.
    if (from.nl_pid != 0 || static_cast<size_t>(got) < sizeof(nlmsghdr)) continue;
    *message = std::string_view(buffer_.data(), static_cast<size_t>(got));
    return Done{};
  }
}

}  // namespace auditql
