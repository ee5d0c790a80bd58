#include "rule_replacement.h"

#include <algorithm>
#include <iterator>

namespace auditql {
namespace {

bool has(const std::vector<AuditRule>& rules, const AuditRule& rule) {
  return std::find(rules.begin(), rules.end(), rule) != rules.end();
}

/// Those of `rules` that `others` does not have.
std::vector<AuditRule> without(const std::vector<AuditRule>& rules,
                               const std::vector<AuditRule>& others) {
  std::vector<AuditRule> left;
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(left),
               [&](const AuditRule& each) { return !has(others, each); });
  return left;
}

/// The same rule to all intents, and another to the kernel, which refuses a rule that it has: no
/// process that makes calls has the pid 0.
AuditRule bridge_of(AuditRule rule) {
  rule.fields.push_back({AUDIT_PID, AUDIT_NOT_EQUAL, 0, {}});
  return rule;
}

bool captures_calls(const AuditRule& rule) {
  return rule.list == AUDIT_FILTER_EXIT && rule.action == AUDIT_ALWAYS;
}

}  // namespace

RuleReplacement plan_replacement(const std::vector<AuditRule>& present,
                                 const std::vector<AuditRule>& wanted) {
  RuleReplacement plan;
  plan.added = without(wanted, present);
  plan.removed = without(present, wanted);
  // Rules that stay come first in the kernel, the added ones behind them. From the first added one
  // on, whatever is wanted behind it has to be moved there.
  const auto is_added = [&](const AuditRule& each) { return has(plan.added, each); };
  const auto first = std::find_if(wanted.begin(), wanted.end(), is_added);
  const bool already_last = std::all_of(first, wanted.end(), is_added);
  if (already_last) return plan;
  const auto second_kept = std::find_if_not(first, wanted.end(), is_added);
  plan.moved.assign(second_kept, wanted.end());
  for (const AuditRule& each : plan.moved) {
    if (captures_calls(each) && has(present, each)) plan.bridges.push_back(bridge_of(each));
  }
  return plan;
}

}  // namespace auditql
