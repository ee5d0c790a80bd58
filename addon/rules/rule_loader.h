#pragma once

#include <vector>

#include "audit_netlink.h"
#include "rule_compiler.h"

namespace auditql {

/// What loading a rules file did.
struct LoadedRules {
  size_t added = 0;
  size_t deleted = 0;
  size_t already_present = 0;
  std::vector<RuleProblem> failures;  ///< of lines that -i or -c let pass
};

/// Runs compiled commands in order, as `auditctl -R` does, and stops at the first failure unless
/// the file says -i or -c. Before anything is changed it refuses commands that auditql never
/// gives: `-e 2` (locks the rules until reboot) and `-f 2` (panics the host when a record is lost).
Result<LoadedRules> load_rules(AuditNetlink& audit, const std::vector<RuleCommand>& commands);

/// Why a command is refused, or success.
Status check_loadable(const RuleCommand& command);

}  // namespace auditql
