#include "rule_calls.h"

namespace auditql {

std::vector<RuleCall> rule_calls(const AuditRule& rule, uint32_t host) {
  constexpr uint32_t kNumbers = AUDIT_BITMASK_SIZE * 32;
  const RuleField* given = rule.find(AUDIT_ARCH);
  const uint32_t arch = given == nullptr || given->op != AUDIT_EQUAL ? host : given->value;
  std::vector<RuleCall> calls;
  for (uint32_t number = 0; number < kNumbers; number++) {
    if (!rule.has_syscall(number) || rule_syscall_name(arch, number).empty()) continue;
    calls.push_back({arch, number});
  }
  return calls;
}

}  // namespace auditql
