#include "audit_config_guard.h"

#include <unistd.h>

#include <algorithm>

#include "audit_changes.h"
#include "audit_restore.h"
#include "audit_socket.h"
#include "capture_rules.h"

namespace auditql {
namespace {

template <typename T>
bool is_in(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

AuditRule without_key(AuditRule rule) {
  std::erase_if(rule.fields, [](const RuleField& each) { return each.field == AUDIT_FILTERKEY; });
  return rule;
}

Error stopping() {
  return {"audit_not_usable", "the daemon is stopping and has restored the host's audit settings",
          0};
}

Status delete_state_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Done{};
  return Error::from_errno("audit_journal_failed", "delete " + path);
}

}  // namespace

Result<CrashRestore> restore_after_crash(const std::string& state_path) {
  Result<std::optional<AuditStateFile>> read = AuditStateFile::read(state_path);
  if (!read) return read.error();
  if (!read.value()) return CrashRestore::nothing_to_do;
  const AuditStateFile& state = *read.value();
  if (state.boot_id != current_boot_id()) {
    if (Status deleted = delete_state_file(state_path); !deleted) return deleted.error();
    return CrashRestore::nothing_to_do;
  }
  // A state file of our own is what a stop() that failed has left.
  if (state.writer_lives() && state.pid != static_cast<uint32_t>(::getpid())) {
    return Error{"audit_in_use",
                 "auditql with pid " + std::to_string(state.pid) +
                     " is capturing with this state directory; stop it first",
                 EBUSY};
  }
  Result<AuditNetlink> audit = AuditNetlink::open();
  if (!audit) return audit.error();
  if (Status gone = delete_own_rules(audit.value(), state); !gone) return gone.error();
  if (Status released = release_owner(audit.value(), state); !released) return released.error();
  if (Status back = put_status_back(audit.value(), state); !back) return back.error();
  if (Status deleted = delete_state_file(state_path); !deleted) return deleted.error();
  return CrashRestore::restored;
}

Result<AuditConfigGuard> AuditConfigGuard::idle(AuditNetlink audit, const std::string& state_path,
                                                AuditSettings settings) {
  Result<CrashRestore> restored = restore_after_crash(state_path);
  if (!restored) return restored.error();
  AuditConfigGuard config_guard(std::move(audit), state_path, std::move(settings));
  Result<AuditStatus> found = config_guard.audit_.status();
  if (!found) return found.error();
  config_guard.state_.found = found.value();
  return config_guard;
}

Result<AuditConfigGuard> AuditConfigGuard::begin(AuditNetlink audit, const std::string& state_path,
                                                 AuditSettings settings) {
  Result<AuditConfigGuard> config_guard = idle(std::move(audit), state_path, std::move(settings));
  if (!config_guard) return config_guard.error();
  if (Status engaged = config_guard.value().engage(); !engaged) return engaged.error();
  return config_guard;
}

Status AuditConfigGuard::engage() {
  if (has_made_room_) {
    has_made_room_ = false;
    is_engaged_ = true;
    return Done{};
  }
  Result<AuditStatus> found = audit_.status();
  if (!found) return found.error();
  state_ = AuditStateFile::of_this_process();
  state_.found = found.value();
  state_.set = found.value();
  // `enabled` 2 stays 2: the kernel would refuse, and rules cannot change either.
  if (state_.set.enabled == 0) state_.set.enabled = 1;
  if (settings_.tunes_backlog) {
    state_.set.backlog_limit = settings_.backlog_limit;
    state_.set.backlog_wait_time = settings_.backlog_wait_time;
  }
  if (Status written = state_.write(path_); !written) return written;
  AuditChanges::note(state_);
  is_engaged_ = true;
  return Done{};
}

size_t AuditConfigGuard::capturing_rule_count() const {
  const auto captures = [](const AuditRule& each) { return each.action == AUDIT_ALWAYS; };
  return static_cast<size_t>(
      std::count_if(settings_.rules.begin(), settings_.rules.end(), captures));
}

Status AuditConfigGuard::apply() {
  const AuditChanges::Edit edit;
  if (!edit.is_allowed()) return stopping();
  // Rules of a run whose state file was lost would otherwise double ours.
  if (Status clean = delete_own_rules(audit_, state_); !clean) return clean;
  if (settings_.tunes_backlog) {
    constexpr uint32_t kBacklog = AUDIT_STATUS_BACKLOG_LIMIT | AUDIT_STATUS_BACKLOG_WAIT_TIME;
    if (Status tuned = audit_.set_status(kBacklog, state_.set); !tuned) return tuned;
  }
  if (Status added = add_rules(settings_.rules); !added) return added;
  if (state_.found.enabled != 0) return Done{};
  return audit_.set_status(AUDIT_STATUS_ENABLED, state_.set);
}

Status AuditConfigGuard::add_rule(const AuditRule& rule) {
  Status added = audit_.add_rule(rule);
  if (added || added.error().error_number == EEXIST) return Done{};
  if (added.error().error_number != EINVAL) return added;
  // An older kernel may take no key on this list; without one only the state file knows it is ours.
  const AuditRule keyless = without_key(rule);
  state_.keyless_rules.push_back(keyless.serialize());
  if (Status written = state_.write(path_); !written) return written;
  AuditChanges::note(state_);
  return audit_.add_rule(keyless);
}

Status AuditConfigGuard::add_rules(const std::vector<AuditRule>& rules) {
  for (const AuditRule& each : rules) {
    if (Status added = add_rule(each); !added) return added;
  }
  return Done{};
}

/// A rule that is gone is fine.
Status AuditConfigGuard::delete_rules(const std::vector<AuditRule>& rules) {
  for (const AuditRule& each : rules) {
    const bool is_keyless = is_in(state_.keyless_rules, without_key(each).serialize());
    const Status deleted = audit_.delete_rule(is_keyless ? without_key(each) : each);
    if (!deleted && deleted.error().error_number != ENOENT) return deleted;
  }
  return Done{};
}

Status AuditConfigGuard::replace_rules(std::vector<AuditRule> rules) {
  const AuditChanges::Edit edit;
  if (!edit.is_allowed()) return stopping();
  if (!is_engaged_) {
    settings_.rules = std::move(rules);
    return Done{};
  }
  const RuleReplacement plan = plan_replacement(settings_.rules, rules);
  // First what the kernel may refuse.
  if (Status added = add_rules(plan.added); !added) {
    (void)delete_rules(plan.added);
    return added;
  }
  settings_.rules = std::move(rules);
  return plan.moved.empty() ? delete_rules(plan.removed) : move_behind(plan);
}

/// The first rule that matches a call decides (audit_filter_syscall() in kernel/auditsc.c), and the
/// kernel only appends: rules that must come behind the added ones are deleted and added again,
/// while others that capture the same stand in for them.
Status AuditConfigGuard::move_behind(const RuleReplacement& plan) {
  if (Status bridged = add_rules(plan.bridges); !bridged) return bridged;
  if (Status gone = delete_rules(plan.removed); !gone) return gone;
  if (Status gone = delete_rules(plan.moved); !gone) return gone;
  if (Status back = add_rules(plan.moved); !back) return back;
  return delete_rules(plan.bridges);
}

Result<RuleCheck> AuditConfigGuard::check_rules() {
  const AuditChanges::Edit edit;
  if (!edit.is_allowed()) return stopping();
  Result<std::vector<AuditRule>> listed = audit_.rules();
  if (!listed) return listed.error();
  const std::vector<AuditRule>& present = listed.value();
  RuleCheck check;
  check.hiding = hiding_rules(present);
  check.others_exclude = std::any_of(present.begin(), present.end(), [](const AuditRule& each) {
    return each.list == AUDIT_FILTER_EXIT && each.action == AUDIT_NEVER && !each.has_key(kRuleKey);
  });
  if (!is_engaged_) return check;
  for (const AuditRule& each : settings_.rules) {
    AuditRule wanted = each;
    wanted.list &= ~uint32_t{AUDIT_FILTER_PREPEND};  // where a rule went is not listed
    const bool is_keyless = is_in(state_.keyless_rules, without_key(each).serialize());
    if (is_keyless) wanted = without_key(wanted);
    if (is_in(present, wanted)) continue;
    const Status added = audit_.add_rule(is_keyless ? without_key(each) : each);
    const bool is_there = added || added.error().error_number == EEXIST;
    check.restored += added ? 1 : 0;
    check.missing += is_there ? 0 : 1;
  }
  return check;
}

Status AuditConfigGuard::remove_rules() {
  return is_engaged_ ? delete_own_rules(audit_, state_) : Status(Done{});
}

Status AuditConfigGuard::finish() {
  if (!is_engaged_ && !has_made_room_) return Done{};
  if (has_made_room_) {
    const Result<AuditStatus> now = audit_.status();
    if (now && another_owner_lives(now.value())) return hand_over();
  }
  if (Status undone = undo_audit_changes(audit_, state_); !undone) return undone;
  return forget();
}

Status AuditConfigGuard::make_room() {
  if (!is_engaged_) return Done{};
  if (Status gone = delete_own_rules(audit_, state_); !gone) return gone;
  is_engaged_ = false;
  has_made_room_ = true;
  return release_owner(audit_, state_);
}

Status AuditConfigGuard::hand_over() {
  if (!is_engaged_ && !has_made_room_) return Done{};
  if (Status gone = delete_own_rules(audit_, state_); !gone) return gone;
  return forget();
}

Status AuditConfigGuard::forget() {
  is_engaged_ = has_made_room_ = false;
  AuditChanges::forget();
  return delete_state_file(path_);
}

}  // namespace auditql
