#pragma once

#include <string>
#include <vector>

#include "../rules/audit_netlink.h"
#include "audit_report.h"
#include "audit_state_file.h"
#include "rule_replacement.h"

namespace auditql {

/// What auditql sets while it captures.
struct AuditSettings {
  bool tunes_backlog = true;  ///< false beside another owner: the backlog is that one's affair
  uint32_t backlog_limit = 0;
  uint32_t backlog_wait_time = 0;  ///< jiffies
  std::vector<AuditRule> rules;
};

/// What AuditConfigGuard::check_rules() found.
struct RuleCheck {
  size_t restored = 0;
  size_t missing = 0;  ///< which the kernel does not take again
  HidingRules hiding;
  /// Rules of others on the exit list that keep calls out, with conditions or without.
  bool others_exclude = false;
};

/// Changes the host's audit subsystem and puts it back. Every change is in the state file before it
/// is made. Not thread-safe.
class AuditConfigGuard {
 public:
  /// Undoes what a crashed run left behind, then keeps the status that it finds.
  static Result<AuditConfigGuard> begin(AuditNetlink audit, const std::string& state_path,
                                        AuditSettings settings);
  /// The same, but changes nothing until engage().
  static Result<AuditConfigGuard> idle(AuditNetlink audit, const std::string& state_path,
                                       AuditSettings settings);

  /// Whether the host may be changed and has to be put back.
  bool is_engaged() const { return is_engaged_; }
  /// Keeps the status that it finds now; then apply().
  Status engage();

  const AuditStatus& found() const { return state_.found; }
  AuditNetlink& audit() { return audit_; }

  /// Sets the backlog, adds the rules, turns auditing on.
  Status apply();
  /// Loads these rules in place of those before. What both have captured is captured all the time;
  /// what is newly excluded may come for a moment. On an error those before stay.
  Status replace_rules(std::vector<AuditRule> rules);
  /// Adds again the rules that another process removed, and looks at the rules of others.
  Result<RuleCheck> check_rules();
  size_t rule_count() const { return settings_.rules.size(); }
  /// Of these, those that capture something.
  size_t capturing_rule_count() const;
  /// Ends the flow of new records: removes our rules. The owner role stays, to drain the rest.
  Status remove_rules();
  /// Puts the status back and deletes the state file. Nothing while there is nothing to put back.
  Status finish();
  /// Another process asks for the stream: removes our rules and gives up the owner role. Auditing
  /// stays on, or the kernel would drop messages of user space until that process has turned it on
  /// again; finish() still puts it back, engage() goes on from here. Not engaged from now on.
  Status make_room();
  /// Another process has taken the stream, and the status is now that one's to set: removes our
  /// rules and deletes the state file.
  Status hand_over();

 private:
  AuditConfigGuard(AuditNetlink audit, std::string path, AuditSettings settings)
      : audit_(std::move(audit)), path_(std::move(path)), settings_(std::move(settings)) {}
  Status add_rule(const AuditRule& rule);
  Status add_rules(const std::vector<AuditRule>& rules);
  Status delete_rules(const std::vector<AuditRule>& rules);
  Status move_behind(const RuleReplacement& plan);
  Status forget();

  AuditNetlink audit_;
  std::string path_;
  AuditSettings settings_;
  AuditStateFile state_;
  bool is_engaged_ = false;
  bool has_made_room_ = false;  ///< no other process has been seen to use it
};

/// What `restore_after_crash` found.
enum class CrashRestore { nothing_to_do, restored };

/// Undoes what an auditql that died without stopping changed: its rules and the audit status.
/// Safe to call when there is nothing. Fails while the process that wrote the state file lives.
Result<CrashRestore> restore_after_crash(const std::string& state_path);

}  // namespace auditql
