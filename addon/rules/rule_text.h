#pragma once

#include <string>

#include "audit_rule.h"
#include "rule_arch.h"

namespace auditql {

/// A rule as `auditctl -l` prints it: a watch as `-w`, everything else as `-a`.
/// `host` is the architecture whose syscall names a rule without `arch` means.
std::string rule_text(const AuditRule& rule, uint32_t host = host_arch());

}  // namespace auditql
