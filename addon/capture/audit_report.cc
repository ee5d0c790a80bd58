#include "audit_report.h"

#include <algorithm>

#include "../rules/rule_text.h"
#include "../system/name_list.h"
#include "capture_rules.h"
#include "host_probe.h"

namespace auditql {
namespace {

/// Whether a rule without conditions but its architecture is for calls that auditql captures.
bool hides_calls(const AuditRule& rule) {
  const bool is_whole = std::all_of(rule.fields.begin(), rule.fields.end(), [](const auto& each) {
    return each.field == AUDIT_ARCH || each.field == AUDIT_FILTERKEY;
  });
  return rule.list == AUDIT_FILTER_EXIT && rule.action == AUDIT_NEVER && is_whole &&
         is_captured_call(rule);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& each : texts) all += (all.empty() ? "" : ", ") + ("`" + each + "`");
  return all;
}

void limit(Sight& sight, Sight most) { sight = std::min(sight, most); }

/// Process, socket and file events are records of calls; user records are not.
void limit_calls(CaptureSight& sees, Sight most) {
  limit(sees.processes, most);
  limit(sees.sockets, most);
  limit(sees.files, most);
}

void report_owner(const AuditView& view, CaptureReport& report) {
  if (!view.needs_owner || view.mode == AuditMode::unicast) return;
  const std::string owner = view.owner.empty() ? "another process" : view.owner;
  report.problems.push_back(
      {"owner_lost",
       owner + " owns the audit stream; auditql reads copies of the records, which the kernel "
               "drops when they are not read in time",
       "stop that process (auditd: service auditd stop); auditql then owns the stream again "
       "within a second"});
}

void report_rules(const AuditView& view, CaptureReport& report) {
  if (view.missing_rules > 0) {
    limit_calls(report.sees, Sight::limited);
    report.problems.push_back(
        {"rules_missing",
         std::to_string(view.missing_rules) +
             " of auditql's audit rules are missing, and the kernel rejects them now",
         view.status.enabled == 2
             ? "remove -e 2 from /etc/audit/rules.d, and reboot"
             : "check the remaining rules with auditctl -l, then restart auditql"});
  }
  if (!view.hiding.task.empty()) {
    limit_calls(report.sees, Sight::limited);
    report.problems.push_back(
        {"task_rule",
         "the rule `" + view.hiding.task + "` excludes new processes from the audit stream",
         "run auditctl -d never,task, and remove the rule from /etc/audit/rules.d"});
  }
  if (!view.hiding.exit.empty()) {
    limit_calls(report.sees, Sight::limited);
    report.problems.push_back({"never_rule",
                               "rules of other programs precede auditql's and suppress calls: " +
                                   joined(view.hiding.exit),
                               "remove them: auditctl -d with the same text, and from "
                               "/etc/audit/rules.d"});
  }
}

/// Rules of the configuration are loaded only by the owner of the stream.
void report_unloaded_rules(const AuditView& view, CaptureReport& report) {
  if (view.mode == AuditMode::unicast) return;
  report.sees.files = Sight::off;
  if (view.unloaded_rules == 0) return;
  report.problems.push_back(
      {"rules_not_loaded",
       std::to_string(view.unloaded_rules) +
           " audit rules of process_file_events and auditql.capture are not loaded: " +
           (view.owner.empty() ? "auditql does not own the audit stream"
                               : view.owner + " owns the audit stream"),
       view.owner.empty() ? "set auditql.capture.audit to auto, then restart auditql"
                          : "stop that process (auditd: service auditd stop), or add the rules to "
                            "/etc/audit/rules.d"});
}

/// auditql has no rules then, and sees the calls that the owner's rules record.
void report_owner_calls(const AuditView& view, CaptureReport& report) {
  if (view.missing_calls.empty()) return;
  limit_calls(report.sees, Sight::limited);
  report.problems.push_back({"owner_rules_missing",
                             "the audit rules of the owner of the stream no longer record every " +
                                 name_list(view.missing_calls),
                             "add them to /etc/audit/rules.d, or restart auditql"});
}

/// Another backend has processes and sockets.
CaptureReport records_report(const AuditView& view) {
  CaptureReport report;
  report.sees = {.files = Sight::on, .records = Sight::on};
  if (view.status.enabled == 0) {
    report.sees = {};
    report.problems.push_back({"auditing_off",
                               "auditing is disabled, so that there are no user records",
                               "enable it: auditctl -e 1"});
  }
  if (view.has_rules && view.mode == AuditMode::unicast) report_rules(view, report);
  report.sees.processes = report.sees.sockets = Sight::off;
  report_unloaded_rules(view, report);
  return report;
}

}  // namespace

HidingRules hiding_rules(const std::vector<AuditRule>& rules) {
  HidingRules found;
  bool is_behind_ours = false;
  for (const AuditRule& each : rules) {
    const bool is_task = each.list == AUDIT_FILTER_TASK && each.action == AUDIT_NEVER;
    if (is_task && each.fields.empty()) found.task = rule_text(each);
    if (each.list == AUDIT_FILTER_EXIT && each.has_key(kRuleKey)) is_behind_ours = true;
    if (!is_behind_ours && hides_calls(each)) found.exit.push_back(rule_text(each));
  }
  return found;
}

CaptureReport audit_report(const AuditView& view) {
  CaptureReport report;
  report.sees = {Sight::on, Sight::on, Sight::on, Sight::on};
  if (!view.status_error.empty()) {
    report.problems.push_back({"status_unknown",
                               "cannot read the state of the audit subsystem: " + view.status_error,
                               "run auditql doctor"});
    return report;
  }
  if (view.duty == AuditDuty::records) return records_report(view);
  if (view.status.enabled == 0) {
    report.sees = {};
    report.problems.push_back(
        {"auditing_off", "auditing was disabled (auditctl -e 0)", "enable it: auditctl -e 1"});
  }
  if (view.duty == AuditDuty::owner_calls) {
    report_owner_calls(view, report);
    report_unloaded_rules(view, report);
    return report;
  }
  report_owner(view, report);
  report_rules(view, report);
  return report;
}

std::string process_name(uint32_t pid) {
  const std::string number = std::to_string(pid);
  const std::string comm = small_file("/proc/" + number + "/comm");
  return "pid " + number + (comm.empty() ? "" : " (" + comm + ")");
}

}  // namespace auditql
