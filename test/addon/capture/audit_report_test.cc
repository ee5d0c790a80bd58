#include "capture/audit_report.h"

#include "capture/capture_rules.h"
#include "check.h"
#include "rules/rule_compiler.h"

using namespace auditql;
using namespace auditql::test;

namespace {

AuditView healthy_view() {
  AuditView view;
  view.status.enabled = 1;
  return view;
}

std::vector<AuditRule> rules_of(const std::vector<std::string>& lines) {
  std::vector<AuditRule> rules;
  for (const std::string& each : lines) rules.push_back(compile_rule(each).take());
  return rules;
}

/// The one problem of a view, which must say what to do.
std::string problem_of(const AuditView& view) {
  const CaptureReport report = audit_report(view);
  EXPECT_EQ(report.problems.size(), size_t{1});
  if (report.problems.size() != 1) return "";
  EXPECT(!report.problems[0].reason.empty());
  EXPECT(!report.problems[0].remedy.empty());
  return report.problems[0].name;
}

}  // namespace

int main(int argc, char** argv) {
  claim("a stream of its own with all rules sees everything, and has no problem", [] {
    const CaptureReport report = audit_report(healthy_view());
    EXPECT(report.problems.empty());
    EXPECT(report.sees.processes == Sight::on && report.sees.sockets == Sight::on);
    EXPECT(report.sees.files == Sight::on && report.sees.records == Sight::on);
  });

  claim("auditing that another turned off sees nothing", [] {
    AuditView view = healthy_view();
    view.status.enabled = 0;
    EXPECT_EQ(problem_of(view), "auditing_off");
    const CaptureSight sees = audit_report(view).sees;
    EXPECT(sees.processes == Sight::off && sees.sockets == Sight::off);
    EXPECT(sees.files == Sight::off && sees.records == Sight::off);
  });

  claim("records next to another backend: files while the rules are loaded, calls never", [] {
    AuditView view = healthy_view();
    view.duty = AuditDuty::records;
    CaptureReport report = audit_report(view);
    EXPECT(report.problems.empty());
    EXPECT(report.sees.processes == Sight::off && report.sees.sockets == Sight::off);
    EXPECT(report.sees.files == Sight::on && report.sees.records == Sight::on);
    view.mode = AuditMode::multicast;
    view.owner = "pid 812 (auditd)";
    view.has_rules = false;
    report = audit_report(view);
    EXPECT(report.problems.empty());
    EXPECT(report.sees.files == Sight::off && report.sees.records == Sight::on);
    view.unloaded_rules = 3;
    EXPECT_EQ(problem_of(view), "rules_not_loaded");
    view.unloaded_rules = 0;
    view.status.enabled = 0;
    EXPECT_EQ(problem_of(view), "auditing_off");
    EXPECT(audit_report(view).sees.records == Sight::off);
  });

  claim("an owner's rules that record every call are whole but for files, else limited", [] {
    AuditView view = healthy_view();
    view.duty = AuditDuty::owner_calls;
    view.mode = AuditMode::multicast;
    view.needs_owner = false;
    CaptureReport report = audit_report(view);
    EXPECT(report.problems.empty());
    EXPECT(report.sees.sockets == Sight::on && report.sees.files == Sight::off);
    view.missing_calls = {"connect"};
    EXPECT_EQ(problem_of(view), "owner_rules_missing");
    EXPECT(audit_report(view).sees.sockets == Sight::limited);
  });

  claim("a lost stream names its new owner, unless the multicast was asked for", [] {
    AuditView view = healthy_view();
    view.mode = AuditMode::multicast;
    view.owner = "pid 812 (auditd)";
    EXPECT_EQ(problem_of(view), "owner_lost");
    EXPECT(audit_report(view).problems[0].reason.find("pid 812 (auditd)") == 0);
    view.needs_owner = false;
    EXPECT(audit_report(view).problems.empty());
  });

  claim("rules that are gone, and rules of others, limit what is seen of calls alone", [] {
    for (const char* name : {"rules_missing", "task_rule", "never_rule"}) {
      AuditView view = healthy_view();
      const std::string wanted(name);
      if (wanted == "rules_missing") view.missing_rules = 2;
      if (wanted == "task_rule") view.hiding.task = "-a never,task";
      if (wanted == "never_rule") view.hiding.exit = {"-a never,exit -S all"};
      EXPECT_EQ(problem_of(view), wanted);
      const CaptureSight sees = audit_report(view).sees;
      EXPECT(sees.processes == Sight::limited && sees.sockets == Sight::limited);
      EXPECT(sees.records == Sight::on);
    }
  });

  claim("a status that cannot be read is a problem of its own", [] {
    AuditView view = healthy_view();
    view.status_error = "timed out";
    EXPECT_EQ(problem_of(view), "status_unknown");
  });

  claim("rules of others hide calls when they are whole and come first", [] {
    const std::string ours = "-a always,exit -F arch=b64 -S execve,connect -k auditql";
    const auto hidden = [&](const std::vector<std::string>& lines) {
      return hiding_rules(rules_of(lines)).exit.size();
    };
    EXPECT_EQ(hidden({"-a never,exit -F arch=b64 -S connect", ours}), size_t{1});
    EXPECT_EQ(hidden({"-a never,exit -S all", "-a never,exit -F arch=b64 -S execve", ours}),
              size_t{2});
    EXPECT_EQ(hidden({ours, "-a never,exit -S all"}), size_t{0});
    EXPECT_EQ(hidden({"-a never,exit -F arch=b64 -S adjtimex", ours}), size_t{0});
    EXPECT_EQ(hidden({"-a never,exit -S all -F uid=5", ours}), size_t{0});
    EXPECT_EQ(hidden({"-a always,exit -F arch=b64 -S connect", ours}), size_t{0});
    EXPECT_EQ(hiding_rules(rules_of({"-a never,task"})).task, "-a never,task");
    EXPECT(hiding_rules(rules_of({"-a never,task -F uid=5", ours})).task.empty());
  });
  return run_claims(argc, argv);
}
