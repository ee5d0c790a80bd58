#include "audit_changes.h"

#include <chrono>
#include <mutex>
#include <optional>

#include "audit_restore.h"

namespace auditql {

namespace {

/// An edit takes milliseconds, unless it waits for the disk of the state file.
constexpr std::chrono::milliseconds kEditPatience{500};

struct Changes {
  std::timed_mutex edits;
  bool is_undone = false;  ///< guarded by `edits`, but for a forced undoing

  std::mutex notes;
  std::optional<AuditStateFile> state;  ///< guarded by `notes`
};

Changes& changes() {
  static Changes of_this_process;
  return of_this_process;
}

}  // namespace

AuditChanges::Edit::Edit() { changes().edits.lock(); }

AuditChanges::Edit::~Edit() { changes().edits.unlock(); }

bool AuditChanges::Edit::is_allowed() const { return !changes().is_undone; }

void AuditChanges::note(const AuditStateFile& state) {
  const std::lock_guard lock(changes().notes);
  changes().state = state;
}

void AuditChanges::forget() {
  const std::lock_guard lock(changes().notes);
  changes().state.reset();
}

Status AuditChanges::undo_from_any_thread() {
  std::optional<AuditStateFile> state;
  {
    const std::lock_guard lock(changes().notes);
    state = changes().state;
  }
  if (!state) return Done{};
  std::unique_lock edits(changes().edits, kEditPatience);
  if (edits.owns_lock()) changes().is_undone = true;
  auto audit = AuditNetlink::open();
  if (!audit) return audit.error();
  return undo_audit_changes(audit.value(), *state);
}

}  // namespace auditql
