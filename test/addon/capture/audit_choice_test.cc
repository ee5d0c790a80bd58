#include "capture/audit_choice.h"

#include <unistd.h>

#include "capture/capture_rules.h"
#include "check.h"
#include "rules/rule_arch.h"
#include "rules/rule_compiler.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// A process that lives and is not this one.
uint32_t other_owner() { return static_cast<uint32_t>(::getppid()); }

AuditCase found(AuditChoice choice, uint32_t owner, std::vector<AuditRule> rules = {}) {
  AuditCase found{choice, AuditDuty::calls, {}, std::move(rules)};
  found.status.enabled = found.status.failure = 1;
  found.status.pid = owner;
  return found;
}

bool is_plan(const PlannedAudit& planned, AuditDuty duty, AuditMode mode) {
  return planned.availability.available && planned.plan.duty == duty && planned.plan.mode == mode;
}

std::string refusal(const AuditCase& found) {
  const PlannedAudit planned = plan_audit(found);
  EXPECT(!planned.availability.available && !planned.availability.remedy.empty());
  return planned.availability.reason;
}

/// What an owner would load that wants all that auditql wants.
std::vector<AuditRule> whole_rules() { return capture_rules(1, {}).take(); }

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

int main(int argc, char** argv) {
  claim("each value of the setting has its choice", [] {
    EXPECT(audit_choice("auto") == AuditChoice::automatic);
    EXPECT(audit_choice("unicast") == AuditChoice::unicast);
    EXPECT(audit_choice("multicast") == AuditChoice::multicast);
    EXPECT(audit_choice("off") == AuditChoice::off);
    EXPECT(!audit_choice("on"));
  });

  claim("a stream without an owner is owned, with rules", [] {
    for (const AuditChoice choice : {AuditChoice::automatic, AuditChoice::unicast}) {
      EXPECT(is_plan(plan_audit(found(choice, 0)), AuditDuty::calls, AuditMode::unicast));
    }
  });

  claim("next to an owner whose rules record every call, copies are read", [] {
    const PlannedAudit planned =
        plan_audit(found(AuditChoice::automatic, other_owner(), whole_rules()));
    EXPECT(is_plan(planned, AuditDuty::owner_calls, AuditMode::multicast));
    EXPECT(refusal(found(AuditChoice::unicast, other_owner(), whole_rules()))
               .starts_with("the audit stream is owned by pid "));
  });

  claim("next to an owner whose rules do not, the missing calls are named", [] {
    const std::vector<AuditRule> some{
        compile_rule("-a always,exit -F arch=b64 -S execve,fork,vfork,clone").take()};
    const std::string reason = refusal(found(AuditChoice::automatic, other_owner(), some));
    EXPECT(reason.starts_with("the audit stream is owned by pid "));
    EXPECT(reason.find("connect") != std::string::npos);
  });

  claim("off refuses, and locked rules or a panic on loss do", [] {
    EXPECT_EQ(refusal(found(AuditChoice::off, 0)), "auditql.capture.audit is off");
    AuditCase locked = found(AuditChoice::automatic, 0);
    locked.status.enabled = 2;
    EXPECT(refusal(locked).find("locked") != std::string::npos);
    AuditCase panics = found(AuditChoice::automatic, 0);
    panics.status.failure = 2;
    EXPECT(refusal(panics).find("panics") != std::string::npos);
  });

  claim("for records the stream is owned where that is free and safe, else copies are read", [] {
    const auto records = [](AuditChoice choice, uint32_t owner, uint32_t enabled) {
      AuditCase asked = found(choice, owner);
      asked.duty = AuditDuty::records;
      asked.status.enabled = enabled;
      return plan_audit(asked);
    };
    const auto is = [](const PlannedAudit& planned, AuditMode mode) {
      return is_plan(planned, AuditDuty::records, mode);
    };
    EXPECT(is(records(AuditChoice::automatic, 0, 0), AuditMode::unicast));
    EXPECT(is(records(AuditChoice::automatic, 0, 2), AuditMode::multicast));
    EXPECT(is(records(AuditChoice::automatic, other_owner(), 1), AuditMode::multicast));
    EXPECT(is(records(AuditChoice::unicast, other_owner(), 1), AuditMode::multicast));
    EXPECT(is(records(AuditChoice::multicast, 0, 1), AuditMode::multicast));
  });

  claim("rules with auditql's calls miss none; a condition, a never rule or a lost width does", [] {
    if (host_arch() != AUDIT_ARCH_X86_64) return;
    EXPECT(missing_calls(whole_rules()).empty());
    std::vector<AuditRule> hidden = whole_rules();
    hidden.insert(hidden.begin(), compile_rule("-a never,exit -F arch=b64 -S connect").take());
    EXPECT_EQ(missing_calls(hidden).size(), size_t{1});
    EXPECT(has(missing_calls(hidden), "connect"));
    std::vector<AuditRule> behind = whole_rules();
    behind.push_back(compile_rule("-a never,exit -F arch=b64 -S connect").take());
    EXPECT(missing_calls(behind).empty());
    std::vector<AuditRule> narrow = whole_rules();
    for (AuditRule& each : narrow) {
      if (each.action == AUDIT_ALWAYS) each.fields.push_back({AUDIT_EUID, AUDIT_EQUAL, 0, ""});
    }
    EXPECT(has(missing_calls(narrow), "execve"));
    std::vector<AuditRule> wide = whole_rules();
    std::erase_if(wide, [](const AuditRule& each) {
      const RuleField* const arch = each.find(AUDIT_ARCH);
      return arch != nullptr && arch->value == AUDIT_ARCH_I386;
    });
    EXPECT(has(missing_calls(wide), "socketcall"));
    std::vector<AuditRule> no_processes = whole_rules();
    no_processes.push_back(compile_rule("-a never,task").take());
    EXPECT(has(missing_calls(no_processes), "execve"));
  });
  return run_claims(argc, argv);
}
