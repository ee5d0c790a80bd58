#include <unistd.h>

#include <array>
#include <sstream>
#include <string_view>

#include "../rules/audit_netlink.h"
#include "audit_report.h"
#include "audit_socket.h"
#include "capture_rules.h"
#include "host_probe.h"

namespace auditql {
namespace {

HostCheck check_enabled(const AuditStatus& status) {
  switch (status.enabled) {
    case 0:
      return {"audit_enabled", true, "off; enabled while the audit backend runs", ""};
    case 1:
      return {"audit_enabled", true, "on", ""};
    default:
      return {"audit_enabled", false, "on, and locked until the next reboot (auditctl -e 2)",
              "remove -e 2 from /etc/audit/rules.d, and reboot"};
  }
}

HostCheck check_owner(const AuditStatus& status) {
  if (status.pid == 0) return {"audit_owner", true, "no process owns the audit stream", ""};
  const std::string owner = process_name(status.pid);
  if (status.pid == static_cast<uint32_t>(::getpid())) {
    return {"audit_owner", true, "auditql owns the audit stream", ""};
  }
  return {"audit_owner", false, owner + " owns the audit stream",
          "nothing, where the backend ebpf runs: auditql then reads copies of the owner's records; "
          "else stop that process (auditd: service auditd stop), then restart auditql"};
}

HostCheck check_failure(const AuditStatus& status) {
  if (status.failure == 1) return {"audit_failure", true, "printk (1)", ""};
  if (status.failure == 0) {
    return {"audit_failure", false, "silent (0): the kernel does not log lost records",
            "run auditctl -f 1"};
  }
  return {"audit_failure", false, "panic (2): the kernel panics when an audit record is lost",
          "run auditctl -f 1"};
}

HostCheck check_backlog(const AuditStatus& status) {
  const uint64_t wait_ms = uint64_t{status.backlog_wait_time} * 1000 / jiffies_per_second();
  return {"audit_backlog", true,
          "limit " + std::to_string(status.backlog_limit) + " records, wait " +
              std::to_string(wait_ms) + " ms, lost since boot " + std::to_string(status.lost),
          ""};
}

/// `-a never,task` (shipped by some distributions) gives new processes no audit context at all.
HostCheck check_task_rule(const HidingRules& hiding) {
  if (hiding.task.empty()) {
    return {"audit_task_rule", true, "no rule excludes whole processes", ""};
  }
  return {"audit_task_rule", false,
          "`" + hiding.task + "` excludes every syscall from the audit stream",
          "run auditctl -d never,task, and remove the rule from /etc/audit/rules.d"};
}

HostCheck check_never_rules(const HidingRules& hiding) {
  if (hiding.exit.empty())
    return {"audit_never_rules", true, "no rule of other programs suppresses calls", ""};
  return {"audit_never_rules", false,
          "rules of other programs suppress calls; the first: " + hiding.exit.front(),
          "remove it with auditctl -d and the same text, and from /etc/audit/rules.d"};
}

HostCheck check_rules(const std::vector<AuditRule>& rules) {
  size_t foreign = 0;
  for (const AuditRule& each : rules) foreign += each.has_key(kRuleKey) ? 0 : 1;
  return {"audit_rules", true,
          std::to_string(foreign) + " rules of other programs, " +
              std::to_string(rules.size() - foreign) + " of auditql",
          ""};
}

}  // namespace

/// Processes get an audit context at fork, and only once auditing was enabled (audit_alloc() in
/// kernel/auditsc.c).
std::vector<HostCheck> probe_boot(std::string_view command_line) {
  std::istringstream words{std::string(command_line)};
  HostCheck boot{"audit_boot", true, "the kernel's command line does not disable audit", ""};
  HostCheck older{"audit_older_processes", false,
                  "not booted with audit=1: processes that started before auditing was first "
                  "enabled produce no records of their calls until they are restarted",
                  "add audit=1 to the kernel's command line and reboot, or restart the services "
                  "that the table auditql_capture names"};
  for (std::string word; words >> word;) {
    if (word == "audit=0" || word == "audit=off") {
      boot = {"audit_boot", false, "the kernel was booted with " + word,
              "remove it from the kernel's command line, and reboot"};
    }
    if (word == "audit=1" || word == "audit=on") {
      older = {"audit_older_processes", true, "booted with " + word, ""};
    }
  }
  return {std::move(boot), std::move(older)};
}

std::vector<HostCheck> probe_audit() {
  std::vector<HostCheck> checks = probe_boot(small_file("/proc/cmdline"));
  Result<AuditNetlink> audit = AuditNetlink::open();
  Result<AuditStatus> status = audit ? audit.value().status() : Result<AuditStatus>(audit.error());
  if (!status) {
    const bool is_permission = status.error().code == "audit_permission";
    checks.push_back({"audit_kernel", false, status.error().message,
                      is_permission
                          ? how_to_grant(std::array<std::string_view, 1>{"cap_audit_control"})
                          : "use a kernel with CONFIG_AUDITSYSCALL, on the host"});
    return checks;
  }
  checks.push_back({"audit_kernel", true, "present", ""});
  checks.push_back(check_enabled(status.value()));
  checks.push_back(check_owner(status.value()));
  checks.push_back(check_failure(status.value()));
  checks.push_back(check_backlog(status.value()));
  Result<std::vector<AuditRule>> rules = audit.value().rules();
  if (!rules) {
    checks.push_back({"audit_rules", false, rules.error().message,
                      how_to_grant(std::array<std::string_view, 1>{"cap_audit_control"})});
    return checks;
  }
  checks.push_back(check_rules(rules.value()));
  const HidingRules hiding = hiding_rules(rules.value());
  checks.push_back(check_task_rule(hiding));
  checks.push_back(check_never_rules(hiding));
  return checks;
}

}  // namespace auditql
