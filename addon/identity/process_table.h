#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../decode/event.h"
#include "../health/health_region.h"
#include "boot_clock.h"
#include "fork_hints.h"
#include "process_slots.h"
#include "procfs.h"
#include "string_pool.h"
#include "sweep_rounds.h"
#include "uuid.h"

namespace auditql {

enum class ChildKind : uint8_t {
  none,  ///< no child: not a fork, or it failed
  process,
  thread,   ///< CLONE_THREAD: has no identity of its own
  unknown,  ///< could not be told apart or found in our pid namespace; counted
};

/// The process that a fork made.
struct ForkedChild {
  ChildKind kind = ChildKind::none;
  int32_t pid = 0;       ///< in the initial pid namespace; 0 unless kind is process
  Uuid process, parent;  ///< parent differs from the caller with CLONE_PARENT
  Uuid session_leader, entry_leader;
  uint64_t start_ticks = 0, start_time_ns = 0;
  bool estimated = false;
};

/// Who a process is. Uuids are nil when not known, never guessed. Views are valid until the next
/// call on the table.
struct Identity {
  Uuid process, parent, session_leader, entry_leader;
  EntryLeaderKind entry_leader_kind = EntryLeaderKind::unknown;
  int32_t pid = 0, parent_pid = 0;  ///< parent_pid: pid of `parent`, else the last ppid seen
  uint64_t start_ticks = 0;         ///< clock ticks since boot
  /// On the wall clock, ns since 1970: of the ticks, or of the event that an estimate is from; 0
  /// where recorded events begin in the middle of the process.
  uint64_t start_time_ns = 0;
  uint64_t ended_ns = 0;    ///< 0 while it lives
  bool estimated = false;   ///< start is from an event's time, /proc had it no more
  int32_t session = 0;      ///< pid of the session leader
  int32_t tty = 0;          ///< device number of the controlling terminal; 0 none
  int32_t ns_pid = 0;       ///< pid inside its own pid namespace; 0 unknown
  bool end_seen = false;    ///< its end has been taken in
  bool is_check = false;    ///< the exec asked a question and executed nothing
  Credentials credentials;  ///< as last seen, or those that its parent had
  std::string_view exe, comm, cwd;
  std::string_view container;  ///< id of its container; empty on the host
  ForkedChild child;

  bool known() const { return process.known(); }
  bool interactive() const { return tty != 0; }
};

/// A process found in /proc: by scan(), or later because its own fork was not seen.
struct FoundProcess {
  const Identity& identity;
  const ProcStat& stat;
  const ProcStatus& status;
  const ProcDetails& details;
};

/// The end of a task, or of a process, as the kernel's process connector reports it.
struct TaskEnd {
  int32_t pid = 0;   ///< thread
  int32_t tgid = 0;  ///< its process
  uint64_t time_ns = 0;
  uint64_t start_ticks = 0;  ///< of the process; 0 unknown
};

/// Called inside the method that finds them, on its thread.
class ProcessSink {
 public:
  virtual ~ProcessSink() = default;
  /// A process that /proc has and no event announced; always after its parent.
  virtual void on_found(const FoundProcess& process) = 0;
  /// A process whose end no event reported: it was gone by `identity.ended_ns`, exit code unknown.
  virtual void on_vanished(const Identity& identity) = 0;
};

struct ProcessTableOptions {
  std::string boot_id;
  BootClock clock{0, 100};
  /// Null when events are not of this host: recorded ones. `clock` then gives ticks that count
  /// from any fixed moment before the events.
  ProcFs* procfs = nullptr;
  ProcessSink* sink = nullptr;      ///< may be null
  ForkHintSource* forks = nullptr;  ///< what the kernel says of new tasks; may be null
  /// Ends come through process_ended(); an exit event alone ends nothing, since more of the
  /// process may follow it.
  bool ends_are_reported = false;
  HealthRegion* health = nullptr;
  SlotLimits limits;
  /// No pid comes around within this time: a holder known to live less long ago is still the one.
  uint64_t no_reuse_ns = 1'000'000'000;
  size_t max_pending_forks = 1024;
  /// Take the child's pid in fork events as it stands, where nothing says that the caller counts
  /// in a pid namespace of its own. For recorded events, whose /proc nobody can ask.
  bool assume_own_pid_namespace = false;
};

/// What ProcessTable::started_before() finds.
struct StartedBefore {
  uint64_t count = 0;
  std::vector<std::string> names;  ///< each once, oldest pid first
};

/// Every live process of the host and the lately ended ones: says for each event which process it
/// is about. Single-threaded; events come in the order in which the kernel completed them. What
/// it decides from what, and what it cannot know, is in docs/use/process-identity.md.
class ProcessTable {
 public:
  explicit ProcessTable(ProcessTableOptions options);

  /// Takes in every process of /proc, parents first. To be called once, after capture has begun.
  void scan(uint64_t now_ns);

  /// Until the next call, what was just looked up of a parent in /proc stands for it.
  void begin_batch() { batch_++; }
  Identity resolve(const ProcessEvent& event);
  Identity resolve(const SocketEvent& event);

  /// Are tasks of that process left, besides the one that ended? As /proc has it now.
  bool has_tasks(const TaskEnd& end);
  /// The kernel has reported this end; it will be handed to process_ended() a little later.
  void expect_end(const TaskEnd& end);
  /// Is the record of that process's fork still to come, from a parent that lives?
  bool awaits_fork(int32_t pid);
  /// The process has ended. No identity is known where the end was taken in before, or where
  /// nobody can say who it was.
  Identity process_ended(const TaskEnd& end);

  /// Records were lost before `time_ns`: parents seen only through ppid= are not trusted for
  /// processes that had started by then.
  void records_lost(uint64_t time_ns) { last_loss_ns_ = std::max(last_loss_ns_, time_ns); }

  /// Looks at the next slice of at most `max_pids` processes and retires those that are gone. To
  /// be called at least every `no_reuse_ns` / 2; `now_ns` is the wall clock.
  void collect(uint64_t now_ns, size_t max_pids = 4096);

  size_t live() const { return slots_.live(); }
  /// Live processes that started before so many clock ticks since boot; those of the kernel itself
  /// are left out.
  StartedBefore started_before(uint64_t start_ticks, size_t max_names);
  /// Who had the pid at `time_ns`, as far as is known: also one that has ended since, for records
  /// are decoded late. Learns nothing and asks nobody.
  std::optional<Identity> find(int32_t pid, uint64_t time_ns);

 private:
  /// One sign of a process: pid `pid` made a call at `time_ns`.
  struct Sighting {
    int32_t pid = 0;
    int32_t ppid = 0;  ///< 0 unknown
    uint64_t time_ns = 0;
    uint64_t start_ticks = 0;  ///< 0 unknown
    bool must_live = false;    ///< no estimate: an identity from /proc or none
    int depth = 0;             ///< ancestors found on the way
  };
  /// What a fork event claims about its child.
  struct Fork {
    const ProcessEvent& event;
    ProcessEntry& caller;
    uint64_t time_ns;
    bool flags_known, thread, clone_parent;
    bool keeps_namespace;  ///< known to be without CLONE_NEWPID
    std::optional<ForkHint> hint = std::nullopt;
  };
  /// A fork whose child could not be found yet; its own first event may tell.
  struct PendingFork {
    int32_t child_pid;  ///< as the caller saw it
    ProcessKey caller, parent;
    uint64_t time_ns;
    PidNamespace caller_namespace;  ///< `own`: child_pid is a pid of ours
    bool keeps_namespace;           ///< known to be without CLONE_NEWPID
  };
  struct Counters {
    Counter seen, live, ended, estimated, found, reused_pids, vanished, evicted, thread_forks,
        unknown_process, unknown_parent, unknown_child, proc_reads;
  };

  // Which process an event is about
  ProcessEntry* subject(const Sighting& sighting);
  ProcessEntry* subject_of(const EventHeader& header, const Caller& caller, uint64_t start_ticks);
  ProcessEntry* verify(ProcessEntry& held, const Sighting& sighting);
  bool has_other_parent(const ProcessEntry& held, const Sighting& sighting);
  bool can_have_parent(const ProcessEntry& held, int32_t ppid);
  ProcessEntry* same_start(ProcessEntry* held, const Sighting& sighting);
  void retire(ProcessEntry& entry, uint64_t time_ns);
  void exec(ProcessEntry& entry, const ProcessEvent& event);
  bool runs(int32_t pid, std::string_view exe);
  ProcessEntry* ending(const TaskEnd& end);
  ProcessEntry* unseen_until_end(const TaskEnd& end);
  Identity identity_of(const ProcessEntry& entry);

  // Processes met for the first time
  ProcessEntry* first_sight(const Sighting& sighting, std::optional<ProcStat> stat);
  ProcessEntry* parent_of(const Sighting& sighting, uint64_t start_ticks, bool exact);
  bool was_made_by(int32_t pid, int32_t ppid, uint64_t started_ns);
  const PendingFork* recorded_fork_of(const Sighting& sighting) const;
  void link_pending(ProcessEntry& child);
  bool may_have_made(const PendingFork& fork, const ProcessEntry& child);
  bool may_adopt_from(const PendingFork& fork, int32_t ppid);
  uint64_t earliest_start_ns(uint64_t time_ns) const;
  void inherit_namespace(ProcessEntry& child, const ProcessEntry* parent);
  bool forks_into_own_namespace(ProcessKey parent);
  ProcessEntry& add(ProcessKey key, const ProcessEntry* parent, uint64_t time_ns);
  void look_at(ProcessEntry& entry, const ProcStat& stat);
  void look_at_namespace(ProcessEntry& entry);
  void look_at_container(ProcessEntry& entry);
  bool fork_is_on_its_way(const ProcessEntry& entry);
  void announce(ProcessEntry& entry, const ProcStat& stat);
  void update_leaders(ProcessEntry& entry, const ProcessEntry* parent);
  ProcessKey estimated_key(int32_t pid, uint64_t time_ns);

  // Forks and their children
  ForkedChild link_child(const ProcessEvent& event, ProcessEntry& caller);
  void read_hint(Fork& fork);
  bool is_in_nested_namespace(const Fork& fork) const;
  ForkedChild link_thread(const Fork& fork);
  void retire_holder(const Fork& fork);
  ForkedChild link_seen(ProcessEntry& child, const Fork& fork);
  ForkedChild link_unseen(const Fork& fork, int32_t pid);
  ForkedChild link_gone(const Fork& fork, int32_t pid);
  ForkedChild unknown_child(const Fork& fork);
  ForkedChild child_of_nobody(const ProcessEvent& event);
  ForkedChild await_child(const PendingFork& fork);
  ProcessEntry* seen_before_fork(const Fork& fork, int32_t pid);
  ProcessEntry* nested_seen_before_fork(const Fork& fork);
  int32_t nested_child_pid(const Fork& fork);
  ProcessKey parent_by_ppid(const Fork& fork, int32_t ppid);
  ProcessKey parent_of_caller(const Fork& fork);
  ForkedChild link_new(const Fork& fork, ProcessKey key, int32_t ppid);
  bool starts_with_fork(const Fork& fork, uint64_t start_ticks) const;
  ForkedChild child_of(const ProcessEntry& entry);

  // The dead
  void check_listed(ProcessEntry& entry, uint64_t now_ns);
  void find_missed(int32_t pid, uint64_t now_ns);
  ProcessEntry* scan_one(const std::vector<ProcStat>& stats, size_t index, uint64_t now_ns);
  void vanish(ProcessEntry& entry, uint64_t now_ns);
  void count_sizes();

  std::optional<ProcStat> read_stat(int32_t pid);
  uint64_t start_ns(uint64_t ticks) const { return options_.clock.wall_ns(ticks); }
  uint64_t start_of(const ProcessEntry& entry) const;
  bool is_recorded() const { return options_.procfs == nullptr; }
  Uuid uuid(ProcessKey key) const { return process_uuid(boot_hash_, key); }

  ProcessTableOptions options_;
  uint64_t boot_hash_;
  StringPool strings_;
  ProcessSlots slots_;
  Counters count_;
  std::deque<PendingFork> pending_forks_;
  std::deque<ProcessKey> awaiting_fork_;  ///< nested processes seen before their fork
  uint64_t last_loss_ns_ = 0;
  int32_t sweep_from_ = 1;
  /// Whose pid namespace for children was looked at last.
  struct Forker {
    uint64_t batch = 0;
    ProcessKey key;
    bool is_own = false;
  };
  Forker forker_;
  uint64_t batch_ = 0;  ///< 0: nobody tells of batches
  SweepRounds sweeps_;
  std::vector<int32_t> listed_;
  std::vector<ProcessEntry*> swept_;
};

/// Times of events and start ticks differ by this much although nothing is wrong: events carry the
/// time at which the call was entered, by a clock that moves once per jiffy (up to 10 ms,
/// ktime_get_coarse_real_ts64 in kernel/auditsc.c); starts are cut to ticks of 10 ms.
constexpr uint64_t kClockSlackNs = 20'000'000;
/// A process that a sweep finds unannounced at this age has lost its fork record; a younger one's
/// may still be on its way.
constexpr uint64_t kMissedAfterNs = 500'000'000;

}  // namespace auditql
