#include "audit_restore.h"

#include <algorithm>

#include "capture_rules.h"

namespace auditql {
namespace {

bool is_named(const AuditStateFile& state, const AuditRule& rule) {
  const auto& named = state.keyless_rules;
  return std::find(named.begin(), named.end(), rule.serialize()) != named.end();
}

}  // namespace

Status put_status_back(AuditNetlink& audit, const AuditStateFile& state) {
  Result<AuditStatus> now = audit.status();
  if (!now) return now.error();
  const AuditStatus& found = state.found;
  const AuditStatus& set = state.set;
  uint32_t mask = 0;
  const auto choose = [&](uint32_t bit, uint32_t AuditStatus::*field) {
    const bool is_ours = now.value().*field == set.*field;
    if (is_ours && found.*field != set.*field) mask |= bit;
  };
  choose(AUDIT_STATUS_FAILURE, &AuditStatus::failure);
  choose(AUDIT_STATUS_BACKLOG_LIMIT, &AuditStatus::backlog_limit);
  choose(AUDIT_STATUS_BACKLOG_WAIT_TIME, &AuditStatus::backlog_wait_time);
  choose(AUDIT_STATUS_ENABLED, &AuditStatus::enabled);
  return mask == 0 ? Status(Done{}) : audit.set_status(mask, found);
}

Status release_owner(AuditNetlink& audit, const AuditStateFile& state) {
  Result<AuditStatus> now = audit.status();
  if (!now) return now.error();
  if (now.value().pid == 0 || now.value().pid != state.pid) return Done{};
  Status released = audit.set_status(AUDIT_STATUS_PID, AuditStatus());
  if (!released && released.error().error_number == EACCES) return Done{};
  return released;
}

Status delete_own_rules(AuditNetlink& audit, const AuditStateFile& state) {
  Result<std::vector<AuditRule>> rules = audit.rules();
  if (!rules) return rules.error();
  for (const AuditRule& each : rules.value()) {
    if (!each.has_key(kRuleKey) && !is_named(state, each)) continue;
    const Status deleted = audit.delete_rule(each);
    if (!deleted && deleted.error().error_number != ENOENT) return deleted;
  }
  return Done{};
}

Status undo_audit_changes(AuditNetlink& audit, const AuditStateFile& state) {
  if (Status gone = delete_own_rules(audit, state); !gone) return gone;
  if (Status back = put_status_back(audit, state); !back) return back;
  // Last: a kernel without an owner prints the records of these changes.
  return release_owner(audit, state);
}

}  // namespace auditql
