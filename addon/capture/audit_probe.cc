#include <unistd.h>

#include <sstream>

#include "../rules/audit_netlink.h"
#include "../rules/rule_text.h"
#include "audit_socket.h"
#include "capture_rules.h"
#include "host_probe.h"

namespace auditql {
namespace {

HostCheck check_enabled(const AuditStatus& status) {
  switch (status.enabled) {
    case 0:
      return {"audit_enabled", true, "off; turned on while the audit backend runs", ""};
    case 1:
      return {"audit_enabled", true, "on", ""};
    default:
      return {"audit_enabled", false, "on, and locked until the next reboot (auditctl -e 2)",
              "load auditql's rules before the lock at boot, or use the ebpf backend"};
  }
}

HostCheck check_owner(const AuditStatus& status) {
  if (status.pid == 0) return {"audit_owner", true, "nobody owns the audit stream", ""};
  const std::string pid = std::to_string(status.pid);
  const std::string owner = "pid " + pid + " (" + small_file("/proc/" + pid + "/comm") + ")";
  if (status.pid == static_cast<uint32_t>(::getpid())) {
    return {"audit_owner", true, "auditql owns the audit stream", ""};
  }
  return {"audit_owner", false, owner + " owns the audit stream",
          "stop that daemon, or run beside it: set the audit backend's mode to multicast"};
}

HostCheck check_failure(const AuditStatus& status) {
  if (status.failure != 2) {
    return {"audit_failure", true, status.failure == 0 ? "silent (0)" : "printk (1)", ""};
  }
  return {"audit_failure", false, "panic (2): the host stops when an audit record is lost",
          "auditctl -f 1, unless losing the host is better than losing a record"};
}

HostCheck check_backlog(const AuditStatus& status) {
  const uint64_t wait_ms = uint64_t{status.backlog_wait_time} * 1000 / jiffies_per_second();
  return {"audit_backlog", true,
          "limit " + std::to_string(status.backlog_limit) + " records, wait " +
              std::to_string(wait_ms) + " ms, lost since boot " + std::to_string(status.lost),
          ""};
}

/// `-a never,task` (shipped by some distributions) gives new processes no audit context at all.
HostCheck check_task_rule(const std::vector<AuditRule>& rules) {
  for (const AuditRule& each : rules) {
    const bool is_task = each.list == AUDIT_FILTER_TASK && each.action == AUDIT_NEVER;
    if (is_task && each.fields.empty()) {
      return {"audit_task_rule", false,
              "`-a never,task` keeps every syscall out of the audit stream",
              "remove it: auditctl -d never,task, and from /etc/audit/rules.d"};
    }
  }
  return {"audit_task_rule", true, "no rule keeps processes out as a whole", ""};
}

HostCheck check_rules(const std::vector<AuditRule>& rules) {
  size_t foreign = 0;
  for (const AuditRule& each : rules) foreign += each.has_key(kRuleKey) ? 0 : 1;
  return {"audit_rules", true,
          std::to_string(foreign) + " rules of others, " + std::to_string(rules.size() - foreign) +
              " of auditql",
          ""};
}

/// Processes get an audit context at fork, and only once auditing was enabled (audit_alloc()).
HostCheck check_boot() {
  std::istringstream words(small_file("/proc/cmdline"));
  std::string word;
  bool is_on = false;
  while (words >> word) {
    if (word == "audit=0" || word == "audit=off") {
      return {"audit_boot", false, "the kernel was booted with " + word,
              "remove it from the kernel's command line"};
    }
    is_on = is_on || word == "audit=1" || word == "audit=on";
  }
  return {"audit_boot", true,
          is_on ? "booted with audit=1"
                : "not booted with audit=1: processes older than the first `auditctl -e 1` make no "
                  "records of their own calls",
          ""};
}

}  // namespace

std::vector<HostCheck> probe_audit() {
  std::vector<HostCheck> checks;
  checks.push_back(check_boot());
  Result<AuditNetlink> audit = AuditNetlink::open();
  Result<AuditStatus> status = audit ? audit.value().status() : Result<AuditStatus>(audit.error());
  if (!status) {
    const bool is_permission = status.error().code == "audit_permission";
    checks.push_back({"audit_kernel", is_permission,
                      is_permission ? "present, but not permitted to look" : status.error().message,
                      is_permission ? "" : "use a kernel with CONFIG_AUDITSYSCALL, on the host"});
    return checks;
  }
  checks.push_back({"audit_kernel", true, "present", ""});
  checks.push_back(check_enabled(status.value()));
  checks.push_back(check_owner(status.value()));
  checks.push_back(check_failure(status.value()));
  checks.push_back(check_backlog(status.value()));
  Result<std::vector<AuditRule>> rules = audit.value().rules();
  if (!rules) {
    checks.push_back({"audit_rules", false, rules.error().message, "see the message"});
    return checks;
  }
  checks.push_back(check_rules(rules.value()));
  checks.push_back(check_task_rule(rules.value()));
  return checks;
}

}  // namespace auditql
