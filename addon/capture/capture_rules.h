#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../rules/audit_rule.h"
#include "../system/result.h"

namespace auditql {

/// Key of every rule that auditql adds; what carries it is ours to remove.
inline constexpr std::string_view kRuleKey = "auditql";

/// What to add to the rules of the host, besides what every capture needs.
struct CaptureRuleOptions {
  uint32_t own_pid = 0;            ///< thread group whose calls are left out
  std::vector<AuditRule> exclude;  ///< from config, before the capturing rules
  std::vector<AuditRule> extra;    ///< from config, after them
};

/// The rules of the audit backend in the order of loading, each with the key. They are appended:
/// rules that are there already keep their precedence, so nothing that the host audits on its own
/// is changed, not even of our own process.
Result<std::vector<AuditRule>> capture_rules(const CaptureRuleOptions& options);

/// `rule` with `kRuleKey` among its keys.
AuditRule with_rule_key(AuditRule rule);

}  // namespace auditql
