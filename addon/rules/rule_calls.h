#pragma once

#include <cstdint>
#include <vector>

#include "audit_rule.h"
#include "rule_arch.h"

namespace auditql {

/// A call that a rule on the exit list is for.
struct RuleCall {
  uint32_t arch = 0;  ///< AUDIT_ARCH_*
  uint32_t number = 0;
};

/// The calls that a rule names; without `-F arch`, those of the host's 64-bit table. Numbers that
/// the table has no name for are left out, so that `-S all` gives the calls that exist.
std::vector<RuleCall> rule_calls(const AuditRule& rule, uint32_t host = host_arch());

}  // namespace auditql
