#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"
#include "audit_rule.h"
#include "rule_field.h"

namespace auditql {

/// One thing that a rules file asks of the kernel.
struct RuleCommand {
  enum class Kind {
    add_rule,                ///< -a, -A, -w
    delete_rule,             ///< -d, -W
    delete_all,              ///< -D, with `text` the key of -k
    set_enabled,             ///< -e
    set_failure,             ///< -f
    set_rate_limit,          ///< -r
    set_backlog_limit,       ///< -b
    set_backlog_wait_time,   ///< --backlog_wait_time, in jiffies
    reset_lost,              ///< --reset-lost
    reset_wait_time_actual,  ///< --reset_backlog_wait_time_actual
    lock_loginuid,           ///< --loginuid-immutable
    trim_subtrees,           ///< -t
    make_equivalent,         ///< -q mount,subtree in `text`
    ignore_errors,           ///< -i: go on, report success
    continue_on_error,       ///< -c: go on, report failure
  };

  Kind kind;
  AuditRule rule = {};
  uint32_t value = 0;
  std::string text = {};
  int line = 0;

  bool operator==(const RuleCommand&) const = default;
};

struct RuleProblem {
  int line;
  std::string message;
};

struct CompiledRules {
  std::vector<RuleCommand> commands;
  std::vector<RuleProblem> errors;
  std::vector<RuleProblem> warnings;
  /// Lines that are commands here, but that `auditctl -R` refuses; it reads no line after them.
  std::vector<RuleProblem> refused;
};

/// Compiles a rules file (auditctl(8), audit.rules(7)): every line, also after a wrong one.
CompiledRules compile_rules(std::string_view text, const RuleHost& host = RuleHost());

/// Compiles one line that adds one rule, e.g. `-a always,exit -F arch=b64 -S execve -F key=x`.
Result<AuditRule> compile_rule(std::string_view line, const RuleHost& host = RuleHost());

}  // namespace auditql
