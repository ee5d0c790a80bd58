#pragma once

#include <string>

#include "audit_rule.h"
#include "rule_arch.h"
#include "rule_compiler.h"

namespace auditql {

/// A rule as `auditctl -l` prints it: a watch as `-w`, everything else as `-a`.
/// `host` is the architecture whose syscall names a rule without `arch` means.
std::string rule_text(const AuditRule& rule, uint32_t host = host_arch());

/// A command as a line of a rules file: rules as `auditctl -l` prints them, with `-d` or `-W` where
/// they are deleted.
std::string command_text(const RuleCommand& command);

}  // namespace auditql
