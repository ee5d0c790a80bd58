#include "exec_tracker.h"

#include <utility>

namespace auditql {

void HiddenExec::describe(Caller& caller) const {
  caller.exe = program ? program->exe : std::string_view();
  caller.comm = program ? program->comm : std::string_view();
  if (program) caller.credentials = program->credentials;
}

ExecTracker::ExecTracker(HealthRegion& health, size_t max_processes)
    : max_processes_(max_processes),
      forgotten_(health.counter({"identity", "exec_notes", "dropped", "too_many"})) {}

ExecTracker::Note& ExecTracker::note_of(int32_t pid) {
  if (notes_.size() >= max_processes_ && !notes_.contains(pid)) {
    forgotten_.add(notes_.size());
    notes_.clear();
  }
  return notes_[pid];
}

void ExecTracker::on_reported(int32_t pid, std::optional<RunningProgram> program) {
  Note& note = note_of(pid);
  note.reported++;
  note.program = std::move(program);
}

void ExecTracker::recorded(int32_t pid) { note_of(pid).recorded++; }

bool ExecTracker::is_ahead(int32_t pid) const {
  const auto found = notes_.find(pid);
  return found != notes_.end() && found->second.reported > found->second.recorded;
}

std::optional<HiddenExec> ExecTracker::ended(int32_t pid) {
  const auto found = notes_.find(pid);
  if (found == notes_.end()) return std::nullopt;
  Note note = std::move(found->second);
  notes_.erase(found);
  if (note.reported <= note.recorded) return std::nullopt;
  return HiddenExec{std::move(note.program), note.recorded == 0};
}

}  // namespace auditql
