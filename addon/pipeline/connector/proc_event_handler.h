#pragma once

#include <functional>
#include <string_view>

#include "../../decode/event.h"
#include "../../decode/proc_event.h"
#include "../../health/health_region.h"
#include "../../identity/fork_hints.h"
#include "../../identity/procfs.h"
#include "../../identity/task_counts.h"
#include "exec_tracker.h"
#include "exit_correlator.h"

namespace auditql {

/// Takes the process connector's messages on the decoding thread. Beside audit it only notes what
/// audit does not tell: which task is a thread, and how each process ended. Alone it also makes
/// the fork and exec events, from /proc.
class ProcEventHandler {
 public:
  struct Options {
    ProcFs* procfs = nullptr;
    HealthRegion* health = nullptr;
    EventSink* events = nullptr;  ///< null alongside another backend
    /// Called for each process that forks, alongside another backend; may be empty.
    std::function<void(int32_t parent, uint64_t time_ns)> forked = {};
    ExecTracker* execs = nullptr;  ///< alongside another backend: gets its execs
    /// Whether `execs` needs what the process runs, which costs a look at /proc.
    std::function<bool()> needs_programs = {};
    ExitCorrelator* ends = nullptr;
    ProcessTable* processes = nullptr;
    /// Hands on messages that wait to be read; may be empty.
    std::function<void()> pull = {};
  };
  explicit ProcEventHandler(const Options& options);

  /// A `struct proc_event`.
  void on_message(std::string_view bytes);
  /// Messages were lost.
  void messages_lost();
  /// Takes in messages that wait to be read where it does not know the task yet.
  std::optional<ForkHint> hint_of(const ForkCall& call);

 private:
  void on_fork(const TaskEvent& event, uint64_t time_ns);
  void on_exec(const TaskEvent& event, uint64_t time_ns);
  void note_exec(int32_t pid);
  void on_exit(const TaskEvent& event, uint64_t time_ns);
  bool is_last(const TaskEvent& event, uint64_t time_ns);
  uint64_t wall_ns(uint64_t monotonic_ns);

  Options options_;
  ForkHints hints_;
  TaskCounts counts_;
  uint64_t offset_ns_ = 0, offset_until_ns_ = 0;
  Counter malformed_, threads_;
};

}  // namespace auditql
