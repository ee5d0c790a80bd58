#pragma once

#include <string>

#include "rule_compiler.h"

namespace auditql {

/// A command as a line of a rules file: rules as `auditctl -l` prints them, with `-d` or `-W` where
/// they are deleted.
std::string command_text(const RuleCommand& command);

}  // namespace auditql
