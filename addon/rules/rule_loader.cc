#include "rule_loader.h"

namespace auditql {
namespace {

using CommandKind = RuleCommand::Kind;

Status set_number(AuditNetlink& audit, uint32_t mask, uint32_t value) {
  AuditStatus values;
  values.enabled = values.failure = values.rate_limit = value;
  values.backlog_limit = values.backlog_wait_time = value;
  return audit.set_status(mask, values);
}

Status delete_all(AuditNetlink& audit, const std::string& key, LoadedRules* loaded) {
  Result<std::vector<AuditRule>> rules = audit.rules();
  if (!rules) return rules.error();
  for (const AuditRule& each : rules.value()) {
    if (!key.empty() && !each.has_key(key)) continue;
    if (Status deleted = audit.delete_rule(each); !deleted) return deleted;
    loaded->deleted++;
  }
  return Done{};
}

Status add(AuditNetlink& audit, const AuditRule& rule, LoadedRules* loaded) {
  Status added = audit.add_rule(rule);
  if (added) {
    loaded->added++;
  } else if (added.error().error_number == EEXIST) {
    loaded->already_present++;
    return Done{};
  }
  return added;
}

Status make_equivalent(AuditNetlink& audit, const std::string& pair) {
  const size_t comma = pair.find(',');
  const std::string_view text(pair);
  return audit.make_equivalent(text.substr(0, comma), text.substr(comma + 1));
}

Status run(AuditNetlink& audit, const RuleCommand& command, LoadedRules* loaded) {
  switch (command.kind) {
    case CommandKind::add_rule:
      return add(audit, command.rule, loaded);
    case CommandKind::delete_rule: {
      Status deleted = audit.delete_rule(command.rule);
      if (deleted) loaded->deleted++;
      return deleted;
    }
    case CommandKind::delete_all:
      return delete_all(audit, command.text, loaded);
    case CommandKind::set_enabled:
      return set_number(audit, AUDIT_STATUS_ENABLED, command.value);
    case CommandKind::set_failure:
      return set_number(audit, AUDIT_STATUS_FAILURE, command.value);
    case CommandKind::set_rate_limit:
      return set_number(audit, AUDIT_STATUS_RATE_LIMIT, command.value);
    case CommandKind::set_backlog_limit:
      return set_number(audit, AUDIT_STATUS_BACKLOG_LIMIT, command.value);
    case CommandKind::set_backlog_wait_time:
      return set_number(audit, AUDIT_STATUS_BACKLOG_WAIT_TIME, command.value);
    case CommandKind::reset_lost:
      return audit.set_status(AUDIT_STATUS_LOST, AuditStatus());
    case CommandKind::reset_wait_time_actual:
      return audit.set_status(AUDIT_STATUS_BACKLOG_WAIT_TIME_ACTUAL, AuditStatus());
    case CommandKind::lock_loginuid:
      return audit.set_feature(AUDIT_FEATURE_LOGINUID_IMMUTABLE, true, true);
    case CommandKind::trim_subtrees:
      return audit.trim_subtrees();
    case CommandKind::make_equivalent:
      return make_equivalent(audit, command.text);
    case CommandKind::ignore_errors:
    case CommandKind::continue_on_error:
      return Done{};
  }
  return Done{};
}

}  // namespace

Status check_loadable(const RuleCommand& command) {
  const bool locks = command.kind == CommandKind::set_enabled && command.value == 2;
  const bool panics = command.kind == CommandKind::set_failure && command.value == 2;
  if (!locks && !panics) return Done{};
  return Error{
      "audit_rule_refused",
      "line " + std::to_string(command.line) + ": " +
          (locks ? "-e 2 locks the rules until the next reboot; use auditctl if you mean it"
                 : "-f 2 panics the host when a record is lost; use -f 1"),
      EPERM};
}

Result<LoadedRules> load_rules(AuditNetlink& audit, const std::vector<RuleCommand>& commands) {
  for (const RuleCommand& each : commands) {
    if (Status loadable = check_loadable(each); !loadable) return loadable.error();
  }
  LoadedRules loaded;
  bool goes_on = false;
  for (const RuleCommand& each : commands) {
    goes_on = goes_on || each.kind == CommandKind::ignore_errors ||
              each.kind == CommandKind::continue_on_error;
    const Status done = run(audit, each, &loaded);
    if (done) continue;
    const std::string where = "line " + std::to_string(each.line) + ": ";
    if (!goes_on) {
      return Error{done.error().code, where + done.error().message, done.error().error_number};
    }
    loaded.failures.push_back({each.line, done.error().message});
  }
  return loaded;
}

}  // namespace auditql
