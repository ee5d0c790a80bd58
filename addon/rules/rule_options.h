#pragma once

#include <string>
#include <utility>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// What is wrong with a rule, for the user who wrote it.
inline Error invalid_rule(std::string message) {
  return Error{"audit_rule_invalid", std::move(message), 0};
}

/// One option of a rules line, in the form that getopt_long(3) would give.
struct RuleOption {
  std::string name;   ///< "-a", "--backlog_wait_time"
  std::string value;  ///< empty where the option takes none
};

/// Reads the words of a line as options. Refuses options that auditctl takes on its command line
/// only (-l, -s, -R, -m, ...).
Result<std::vector<RuleOption>> split_rule_options(const std::vector<std::string>& words);

}  // namespace auditql
