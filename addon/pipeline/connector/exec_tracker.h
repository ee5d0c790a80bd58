#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "../../decode/event.h"
#include "../../health/health_region.h"

namespace auditql {

/// What a process runs, as /proc had it just after its exec.
struct RunningProgram {
  std::string exe, comm;
  Credentials credentials;
};

/// An exec of which no audit record came.
struct HiddenExec {
  std::optional<RunningProgram> program;  ///< absent where the process was gone too soon
  bool is_only = false;                   ///< no exec of the process was recorded

  /// Puts the program in the place of the one before, which identity knows and which must not be
  /// shown as the one that ended.
  void describe(Caller& caller) const;
};

/// Finds processes whose last program audit did not tell of, because a rule of the kernel keeps its
/// records out: counts their execs as the process connector reports them against those recorded.
/// The two come in any order; all of a process have come when its end is handed on. Bounded: beyond
/// `max_processes` everything is forgotten, and counted.
class ExecTracker {
 public:
  explicit ExecTracker(HealthRegion& health, size_t max_processes = 65536);

  /// The connector reported an exec of that process.
  void on_reported(int32_t pid, std::optional<RunningProgram> program);
  /// A record of a successful exec came.
  void recorded(int32_t pid);
  /// Whether more execs of the process were reported than recorded.
  bool is_ahead(int32_t pid) const;
  /// A new process has that pid.
  void started(int32_t pid) { notes_.erase(pid); }
  /// The process has ended: its hidden exec, where it had one.
  std::optional<HiddenExec> ended(int32_t pid);
  /// Messages or records were lost: what is counted says nothing any more.
  void forget() { notes_.clear(); }

 private:
  struct Note {
    uint32_t reported = 0, recorded = 0;
    std::optional<RunningProgram> program;  ///< of the exec that was reported last
  };
  Note& note_of(int32_t pid);

  const size_t max_processes_;
  std::unordered_map<int32_t, Note> notes_;
  Counter forgotten_;
};

}  // namespace auditql
