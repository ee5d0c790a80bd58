#pragma once

#include <string>

#include "../rules/audit_rule.h"

namespace auditql {

/// Why no event table takes what the rule makes the kernel record; empty when one does, and for
/// rules that keep records out. `has_file_calls`: process_file_events is on.
std::string missing_destination(const AuditRule& rule, bool has_file_calls);

}  // namespace auditql
