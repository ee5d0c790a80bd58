#include "exec_notes.h"

#include <utility>

namespace auditql {

void HiddenExec::describe(Caller& caller) const {
  caller.exe = program ? program->exe : std::string_view();
  caller.comm = program ? program->comm : std::string_view();
  if (program) caller.credentials = program->credentials;
}

ExecNotes::ExecNotes(HealthRegion& health, size_t max_processes)
    : max_processes_(max_processes),
      forgotten_(health.counter({"identity", "exec_notes", "dropped", "too_many"})) {}

ExecNotes::Note& ExecNotes::note_of(int32_t pid) {
  if (notes_.size() >= max_processes_ && !notes_.contains(pid)) {
    forgotten_.add(notes_.size());
    notes_.clear();
  }
  return notes_[pid];
}

void ExecNotes::told(int32_t pid, std::optional<RunningProgram> program) {
  Note& note = note_of(pid);
  note.told++;
  note.program = std::move(program);
}

void ExecNotes::recorded(int32_t pid) { note_of(pid).recorded++; }

bool ExecNotes::is_ahead(int32_t pid) const {
  const auto found = notes_.find(pid);
  return found != notes_.end() && found->second.told > found->second.recorded;
}

std::optional<HiddenExec> ExecNotes::ended(int32_t pid) {
  const auto found = notes_.find(pid);
  if (found == notes_.end()) return std::nullopt;
  Note note = std::move(found->second);
  notes_.erase(found);
  if (note.told <= note.recorded) return std::nullopt;
  return HiddenExec{std::move(note.program), note.recorded == 0};
}

}  // namespace auditql
