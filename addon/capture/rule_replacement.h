#pragma once

#include <vector>

#include "../rules/audit_rule.h"

namespace auditql {

/// How the rules in the kernel become others, step by step. The order of rules in a list decides,
/// and the kernel only appends.
struct RuleReplacement {
  std::vector<AuditRule> added;    ///< wanted, and not there yet
  std::vector<AuditRule> bridges;  ///< stand in for `moved` while those are gone
  std::vector<AuditRule> removed;  ///< there, and not wanted any more
  std::vector<AuditRule> moved;    ///< to be deleted and added again, in this order
};

/// `moved` is empty where deleting and appending is all there is to do.
RuleReplacement plan_replacement(const std::vector<AuditRule>& present,
                                 const std::vector<AuditRule>& wanted);

}  // namespace auditql
