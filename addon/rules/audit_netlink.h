#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"
#include "../system/unique_fd.h"
#include "audit_rule.h"

namespace auditql {

/// `struct audit_status` of any kernel: a field that the kernel does not know is 0.
struct AuditStatus {
  uint32_t enabled = 0;  ///< 0 off, 1 on, 2 on and locked until reboot
  uint32_t failure = 0;  ///< on loss: 0 silent, 1 printk, 2 panic
  uint32_t pid = 0;      ///< process that owns the unicast stream, 0 for none
  uint32_t rate_limit = 0;
  uint32_t backlog_limit = 0;
  uint32_t lost = 0;  ///< records lost since boot (or since the counter was reset)
  uint32_t backlog = 0;
  uint32_t feature_bitmap = 0;            ///< AUDIT_FEATURE_BITMAP_*
  uint32_t backlog_wait_time = 0;         ///< jiffies
  uint32_t backlog_wait_time_actual = 0;  ///< jiffies that callers have waited, in all

  /// Reads what AUDIT_GET returned; older kernels send fewer bytes, newer ones may send more.
  static Result<AuditStatus> parse(std::string_view bytes);
};

/// Blocking requests to the kernel's audit subsystem (netlink(7), kernel/audit.c).
/// Not thread-safe: one owner, one request at a time. Every request ends within `kTimeoutMs`.
class AuditNetlink {
 public:
  static constexpr int kTimeoutMs = 5000;

  static Result<AuditNetlink> open();

  Result<AuditStatus> status();
  /// Changes the fields of `values` named in `mask` (AUDIT_STATUS_*).
  Status set_status(uint32_t mask, const AuditStatus& values);
  Status set_feature(uint32_t feature, bool on, bool lock);

  /// Every rule of every list, in the kernel's order.
  Result<std::vector<AuditRule>> rules();
  Status add_rule(const AuditRule& rule);
  Status delete_rule(const AuditRule& rule);
  /// Drops watched subtrees that no longer exist (auditctl -t).
  Status trim_subtrees();
  /// Makes a watch of `subtree` hold for what is mounted at `mount_point` too (auditctl -q).
  Status make_equivalent(std::string_view mount_point, std::string_view subtree);

 private:
  struct Request {
    uint16_t type;
    std::string_view body;
    std::string what;  ///< for messages: "adding an audit rule"
  };
  struct Reply {
    uint16_t type;
    std::string_view body;
  };
  /// What ends a request: the kernel's acknowledgement, its one answer (which a kernel thread
  /// sends, so it comes before the acknowledgement or after), or the end of its list.
  enum class Until { acknowledged, answered, done };

  explicit AuditNetlink(UniqueFd fd) : fd_(std::move(fd)) {}
  Status command(const Request& request);
  Status exchange(const Request& request, Until until,
                  const std::function<void(const Reply&)>& on_reply);
  Status send(const Request& request);
  Status receive(int64_t deadline_ms, const std::string& what, std::string_view* message);

  UniqueFd fd_;
  uint32_t sequence_ = 0;
  std::vector<char> buffer_ = std::vector<char>(size_t{1} << 16);
};

/// The error of a refused audit request, with what to do about it.
Error audit_request_error(int error_number, const std::string& what);

}  // namespace auditql
