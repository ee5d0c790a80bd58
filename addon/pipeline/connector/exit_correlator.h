#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "../../decode/event.h"
#include "../../decode/proc_event.h"
#include "../../health/health_region.h"
#include "../../identity/process_table.h"
#include "../../rows/kept_event.h"

namespace auditql {

/// Receives the end of each process, once. The event's views are valid during the call.
class EndSink {
 public:
  virtual ~EndSink() = default;
  virtual void on_end(const ProcessEvent& event, const Identity& identity) = 0;
};

/// How far the audit records have been decoded.
struct RecordsRead {
  uint64_t up_to_ns = 0;  ///< newest time of an event
  uint64_t idle_ns = 0;   ///< for how long no record has come
};

/// Joins the process connector's report of the end of a process (how and when it ended) with its
/// exit_group record (who called), into one event.
///
/// The two sockets are not ordered against each other, and all records of a process are queued
/// before its end is reported (do_exit() in kernel/exit.c calls audit_free() before
/// proc_exit_connector()). So a reported end waits until an event that began later has been
/// decoded, or until no more records come. The record of its fork is its parent's, made when that
/// gets on: on a busy host a child can have ended by then, so the end waits for that too. Bounded:
/// reported ends leave early, exit_group records make a row at once, when too many wait.
class ExitCorrelator {
 public:
  struct Options {
    ProcessTable* processes = nullptr;
    EndSink* sink = nullptr;
    HealthRegion* health = nullptr;
    /// False where nothing reports ends: those that a sweep finds are handed on at once. Otherwise
    /// the report may be on its way still, and the end is handed on where none comes.
    bool are_reported = true;
    /// Whether reports of ends come among the records, in their order.
    bool are_records = false;
    /// False where no records come: reported ends are handed on at once.
    bool await_records = true;
    size_t max_waiting = 65536;
    /// With its exit_group record there: other threads' records may still follow it.
    uint64_t after_call_ns = 50'000'000;
    /// Silence after which no record is on its way: of a process that a signal ended, and of one
    /// that ended by itself, whose exit_group record is expected.
    uint64_t quiet_ns = 400'000'000, quiet_without_call_ns = 800'000'000;
    /// For the fork; that of an excluded parent never comes.
    uint64_t fork_wait_ns = 2'000'000'000;
    uint64_t longest_wait_ns = 5'000'000'000;  ///< while older records still come
    /// For the report of an end that a sweep has found.
    uint64_t vanished_wait_ns = 1'000'000'000;
  };
  explicit ExitCorrelator(const Options& options);

  /// An exit_group record. `caller` is who called; known.
  void on_exit_group(const ProcessEvent& event, const Identity& caller);
  /// The last task of a process ended; `time_ns` is the wall clock of the event.
  void on_reported(const TaskEvent& event, uint64_t time_ns, uint64_t now_ns);
  /// A sweep found the process gone.
  void vanished(const Identity& identity, uint64_t now_ns);
  /// Hands on what need not wait any longer.
  void release(const RecordsRead& read, uint64_t now_ns);
  /// Hands on everything; nothing more will come.
  void finish();

 private:
  /// A record of exit_group(2).
  struct Call {
    Uuid process;
    KeptEvent record;
  };
  struct Ending {
    TaskEnd end;
    int32_t parent = 0;
    std::optional<uint32_t> wait_status;  ///< absent for those that vanished
    uint64_t since_ns = 0;
  };

  void make_event(const Ending& ending, const Identity& identity);
  void release_reported(const RecordsRead& read, uint64_t now_ns);
  void hand_on(const Ending& ending);
  void hand_on_call(const Call& call, const Ending& ending, const Identity& identity);
  bool is_given_up(const Ending& ending, const RecordsRead& read, uint64_t now_ns) const;
  bool is_due(const Ending& ending, const RecordsRead& read, uint64_t now_ns) const;
  bool has_all_calls(const Ending& ending, uint64_t quiet_ns, uint64_t waited_ns) const;

  Options options_;
  std::unordered_map<int32_t, Call> calls_;  ///< by process id
  std::deque<Ending> reported_, vanished_;
  Counter waiting_, early_, late_calls_, without_call_;
};

}  // namespace auditql
