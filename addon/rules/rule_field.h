#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../system/result.h"
#include "audit_rule.h"
#include "rule_host.h"

namespace auditql {

/// What is wrong with a rule, for the user who wrote it.
inline Error invalid_rule(std::string message) {
  return Error{"audit_rule_invalid", std::move(message), 0};
}

/// `-F`: one comparison for a rule of `list`, e.g. `auid>=1000`, `exit=-EACCES`, `arch=b64`.
Result<RuleField> parse_rule_field(std::string_view comparison, uint32_t list,
                                   const RuleHost& host);
/// `-C`: a comparison of two fields, e.g. `uid!=euid`.
Result<RuleField> parse_field_comparison(std::string_view comparison, uint32_t list);
/// `-p` and `-F perm=`: letters of `rwxa` to AUDIT_PERM_* bits.
Result<uint32_t> parse_permissions(std::string_view letters);
/// A whole number as strtoul(3) with base 0 takes it (decimal, 0x…, 0…), of 32 bits, with a sign.
std::optional<uint32_t> parse_rule_number(std::string_view text);

}  // namespace auditql
