#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../rules/audit_rule.h"
#include "../system/result.h"

namespace auditql {

/// Key of every rule that auditql adds; what carries it is ours to remove.
inline constexpr std::string_view kRuleKey = "auditql";

/// What the configuration adds to the rules that every capture needs.
struct ConfiguredRules {
  std::vector<AuditRule> exclude;  ///< before the capturing rules
  std::vector<AuditRule> extra;    ///< after them
};

/// The rules of the audit backend in the order of loading, each with the key; calls of the thread
/// group `own_pid` are left out. They are appended: rules that are there already keep their
/// precedence, so nothing that the host audits on its own is changed, not even of our own process.
Result<std::vector<AuditRule>> capture_rules(uint32_t own_pid, const ConfiguredRules& configured);

/// The rules with which the stream is owned while another backend has the calls: what the
/// configuration adds alone. Without `extra` no rule is about a call, and none is left but those
/// on other lists than the exit list.
Result<std::vector<AuditRule>> record_rules(uint32_t own_pid, const ConfiguredRules& configured);

/// Whether the rule is for a call that every capture records.
bool is_captured_call(const AuditRule& rule);

/// `rule` with `kRuleKey` among its keys.
AuditRule with_rule_key(AuditRule rule);

}  // namespace auditql
