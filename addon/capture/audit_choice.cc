#include "audit_choice.h"

#include <algorithm>

#include "../rules/rule_arch.h"
#include "../rules/rule_calls.h"
#include "../system/name_list.h"
#include "audit_report.h"
#include "capture_rules.h"

namespace auditql {
namespace {

std::vector<RuleField> conditions(const AuditRule& rule) {
  std::vector<RuleField> fields;
  for (const RuleField& each : rule.fields) {
    if (each.field != AUDIT_FILTERKEY && each.field != AUDIT_ARCH) fields.push_back(each);
  }
  return fields;
}

bool is_for(const AuditRule& rule, const RuleCall& call) {
  const RuleField* const arch = rule.find(AUDIT_ARCH);
  const bool is_of_arch = arch == nullptr || (arch->op == AUDIT_EQUAL && arch->value == call.arch);
  return is_of_arch && rule.has_syscall(call.number);
}

/// The first rule that matches a call decides (audit_filter_syscall() in kernel/auditsc.c).
bool is_recorded(const std::vector<AuditRule>& loaded, const RuleCall& call,
                 const std::vector<RuleField>& wanted) {
  for (const AuditRule& each : loaded) {
    if (each.list != AUDIT_FILTER_EXIT || !is_for(each, call)) continue;
    const std::vector<RuleField> fields = conditions(each);
    if (each.action == AUDIT_NEVER && fields.empty()) return false;
    const bool is_wide = fields.empty() || fields == wanted;
    if (each.action == AUDIT_ALWAYS && is_wide) return true;
  }
  return false;
}

PlannedAudit refused(std::string reason, std::string remedy) {
  return {{false, std::move(reason), std::move(remedy)}, {}};
}

PlannedAudit planned(AuditDuty duty, AuditMode mode) { return {{true, {}, {}}, {duty, mode}}; }

/// Our own rules, as the one owner.
PlannedAudit plan_own(const AuditStatus& status) {
  if (status.enabled == 2) {
    return refused("the audit rules are locked until the next reboot (auditctl -e 2)",
                   "remove -e 2 from /etc/audit/rules.d, and reboot");
  }
  if (status.failure == AUDIT_FAIL_PANIC) {
    return refused("the host panics when an audit record is lost (auditctl -f 2)",
                   "run auditctl -f 1, then restart auditql");
  }
  return planned(AuditDuty::calls, AuditMode::unicast);
}

PlannedAudit plan_calls(const AuditCase& found) {
  const bool is_owned = another_owner_lives(found.status);
  if (!is_owned && found.choice != AuditChoice::multicast) return plan_own(found.status);
  const std::string owner = is_owned
                                ? "the audit stream is owned by " + process_name(found.status.pid)
                                : "auditql.capture.audit is multicast";
  if (found.choice == AuditChoice::unicast) {
    return refused(owner, "stop that process (auditd: service auditd stop), then restart auditql");
  }
  const std::vector<std::string> missing = missing_calls(found.rules);
  if (missing.empty()) return planned(AuditDuty::owner_calls, AuditMode::multicast);
  return refused(owner + ", and the loaded rules do not record every " + name_list(missing),
                 is_owned ? "stop that process (auditd: service auditd stop), then restart auditql"
                          : "set auditql.capture.audit to auto, then restart auditql");
}

}  // namespace

std::optional<AuditChoice> audit_choice(std::string_view text) {
  if (text == "auto") return AuditChoice::automatic;
  if (text == "unicast") return AuditChoice::unicast;
  if (text == "multicast") return AuditChoice::multicast;
  if (text == "off") return AuditChoice::off;
  return std::nullopt;
}

bool may_own_stream(const AuditStatus& status) {
  return !another_owner_lives(status) && status.enabled != 2 && status.failure != AUDIT_FAIL_PANIC;
}

PlannedAudit plan_audit(const AuditCase& found) {
  if (found.choice == AuditChoice::off) {
    return refused("auditql.capture.audit is off",
                   "set auditql.capture.audit to auto, then restart auditql");
  }
  if (found.duty != AuditDuty::records) return plan_calls(found);
  const bool owns = found.choice != AuditChoice::multicast && may_own_stream(found.status);
  return planned(AuditDuty::records, owns ? AuditMode::unicast : AuditMode::multicast);
}

std::vector<std::string> missing_calls(const std::vector<AuditRule>& loaded) {
  const bool hides_processes = std::any_of(loaded.begin(), loaded.end(), [](const auto& each) {
    return each.list == AUDIT_FILTER_TASK && each.action == AUDIT_NEVER && each.fields.empty();
  });
  std::vector<std::string> missing;
  const Result<std::vector<AuditRule>> wanted = capture_rules(0, {});
  if (!wanted) return {"call"};
  for (const AuditRule& rule : wanted.value()) {
    if (rule.action != AUDIT_ALWAYS) continue;
    for (const RuleCall& call : rule_calls(rule)) {
      if (!hides_processes && is_recorded(loaded, call, conditions(rule))) continue;
      std::string name(rule_syscall_name(call.arch, call.number));
      if (std::find(missing.begin(), missing.end(), name) == missing.end()) {
        missing.push_back(std::move(name));
      }
    }
  }
  return missing;
}

}  // namespace auditql
