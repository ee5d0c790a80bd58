#pragma once

#include "audit_state_file.h"

namespace auditql {

/// What this process has changed in the host's auditing at this moment, so that any thread can undo
/// it, even when the threads that made the changes wait for a disk and the state file cannot be
/// read.
class AuditChanges {
 public:
  /// While it lives, undo_from_any_thread() waits, for a while, before it undoes anything.
  class Edit {
   public:
    Edit();
    ~Edit();
    Edit(const Edit&) = delete;
    Edit& operator=(const Edit&) = delete;
    /// False once everything was undone: nothing may be changed any more.
    bool is_allowed() const;
  };

  /// Before a change is made: how it is undone.
  static void note(const AuditStateFile& state);
  /// Everything was put back.
  static void forget();
  /// Removes our rules, puts the status back, releases the owner role; no file is touched, so that
  /// the state file stays for the next start. Done where nothing was changed.
  static Status undo_from_any_thread();
};

}  // namespace auditql
