#include "desired_rules.h"

namespace auditql {

Result<ConfiguredRules> DesiredRules::all() const {
  ConfiguredRules all = configured;
  for (const Exclusion& each : exclusions) {
    auto rules = exclusion_rules(each);
    if (!rules) return rules.error();
    for (AuditRule& rule : rules.value()) all.exclude.push_back(std::move(rule));
  }
  all.extra.insert(all.extra.end(), files.begin(), files.end());
  return all;
}

}  // namespace auditql
