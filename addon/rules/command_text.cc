#include "command_text.h"

#include "rule_text.h"

namespace auditql {
namespace {

using CommandKind = RuleCommand::Kind;

/// `-a …` becomes `-d …`, `-w …` becomes `-W …`; the permissions of a watch stay, as auditctl(8)
/// wants the rule that is deleted to be written in full.
std::string deletion_text(const AuditRule& rule) {
  std::string text = rule_text(rule);
  text[1] = text[1] == 'w' ? 'W' : 'd';
  return text;
}

/// auditctl -l prints every rule with -a, since the kernel's order already says where it stands;
/// a file has to say it.
std::string addition_text(const AuditRule& rule) {
  std::string text = rule_text(rule);
  if ((rule.list & AUDIT_FILTER_PREPEND) != 0 && text[1] == 'a') text[1] = 'A';
  return text;
}

std::string with_number(const char* option, uint32_t value) {
  return std::string(option) + " " + std::to_string(value);
}

}  // namespace

std::string command_text(const RuleCommand& command) {
  switch (command.kind) {
    case CommandKind::add_rule:
      return addition_text(command.rule);
    case CommandKind::delete_rule:
      return deletion_text(command.rule);
    case CommandKind::delete_all:
      return command.text.empty() ? "-D" : "-D -k " + command.text;
    case CommandKind::set_enabled:
      return with_number("-e", command.value);
    case CommandKind::set_failure:
      return with_number("-f", command.value);
    case CommandKind::set_rate_limit:
      return with_number("-r", command.value);
    case CommandKind::set_backlog_limit:
      return with_number("-b", command.value);
    case CommandKind::set_backlog_wait_time:
      return with_number("--backlog_wait_time", command.value);
    case CommandKind::reset_lost:
      return "--reset-lost";
    case CommandKind::reset_wait_time_actual:
      return "--reset_backlog_wait_time_actual";
    case CommandKind::lock_loginuid:
      return "--loginuid-immutable";
    case CommandKind::trim_subtrees:
      return "-t";
    case CommandKind::make_equivalent:
      return "-q " + command.text;
    case CommandKind::ignore_errors:
      return "-i";
    case CommandKind::continue_on_error:
      return "-c";
  }
  return {};
}

}  // namespace auditql
