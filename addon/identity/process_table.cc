#include "process_table.h"

#include <sched.h>
#include <string.h>

#include <algorithm>

#include "container_id.h"
#include "entry_leader.h"

namespace auditql {
namespace {

bool valid_pid(int32_t pid) { return pid > 0 && pid < ProcessKey::kPidLimit; }

/// Ancestors that are looked up in /proc on the way to one unknown process.
constexpr int kMaxDepth = 16;
/// A fork that was recorded at all has been seen this long after the child's start.
constexpr uint64_t kForkSeenByNs = 1'000'000'000;

/// Children of one process that are looked through for a pid of another namespace.
constexpr size_t kMaxChildrenRead = 64;

}  // namespace

ProcessTable::ProcessTable(ProcessTableOptions options)
    : options_(std::move(options)),
      boot_hash_(boot_hash(options_.boot_id)),
      slots_(options_.limits, strings_) {
  if (options_.health == nullptr) return;
  const auto counter = [this](std::string_view metric, std::string_view reason = {}) {
    return options_.health->counter({"identity", "processes", metric, reason});
  };
  count_.seen = counter("seen");
  count_.live = counter("live");
  count_.ended = counter("ended_kept");
  count_.estimated = counter("estimated");
  count_.found = counter("found");
  count_.reused_pids = counter("reused_pids");
  count_.vanished = counter("vanished");
  count_.evicted = counter("evicted", "table_full");
  count_.thread_forks = counter("thread_forks");
  count_.unknown_process = counter("unknown_process");
  count_.unknown_parent = counter("unknown_parent");
  count_.unknown_child = counter("unknown_child");
  count_.proc_reads = counter("proc_reads");
}

std::optional<ProcStat> ProcessTable::read_stat(int32_t pid) {
  if (options_.procfs == nullptr) return std::nullopt;
  count_.proc_reads.add();
  return options_.procfs->stat(pid);
}

Identity ProcessTable::resolve(const ProcessEvent& event) {
  const bool is_fork = event.action == ProcessAction::fork;
  const bool is_check = event.may_be_check && runs(event.caller.pid, event.caller.exe);
  ProcessEntry* entry =
      subject_of(event.header, event.caller, is_fork ? 0 : event.start_time_ticks);
  const bool succeeded = !event.outcome.known || event.outcome.success;
  if (entry == nullptr) {
    Identity unknown;
    if (is_fork && succeeded) unknown.child = child_of_nobody(event);
    return unknown;
  }
  // A program begins soon after its process does; of what else a log begins with, nobody knows how
  // long it had been running.
  const bool begins = event.action == ProcessAction::exec;
  if (begins && entry->first_seen_ns == event.header.time_ns) entry->start_unknown = false;
  ForkedChild child;
  if (is_fork && succeeded) child = link_child(event, *entry);
  if (event.action == ProcessAction::exec && succeeded && !is_check) exec(*entry, event);
  if (event.action == ProcessAction::exit && !options_.ends_are_reported) {
    slots_.end(*entry, event.header.time_ns);
    entry->end_seen = true;
  }
  Identity identity = identity_of(*entry);
  identity.child = child;
  identity.is_check = is_check;
  return identity;
}

bool ProcessTable::runs(int32_t pid, std::string_view exe) {
  const ProcessEntry* entry = valid_pid(pid) ? slots_.newest(pid) : nullptr;
  return entry != nullptr && entry->ended_ns == 0 && !exe.empty() &&
         strings_.text(entry->exe) == exe;
}

Identity ProcessTable::resolve(const SocketEvent& event) {
  const ProcessEntry* entry = subject_of(event.header, event.caller, event.start_time_ticks);
  return entry == nullptr ? Identity{} : identity_of(*entry);
}

std::optional<Identity> ProcessTable::find(int32_t pid, uint64_t time_ns) {
  if (!valid_pid(pid)) return std::nullopt;
  const ProcessEntry* entry = slots_.started_by(pid, options_.clock.ticks(time_ns + kClockSlackNs));
  const bool had_ended =
      entry == nullptr || (entry->ended_ns != 0 && time_ns > entry->ended_ns + kClockSlackNs);
  return had_ended ? std::nullopt : std::optional(identity_of(*entry));
}

ProcessEntry* ProcessTable::subject_of(const EventHeader& header, const Caller& caller,
                                       uint64_t start_ticks) {
  ProcessEntry* entry = subject({.pid = caller.pid,
                                 .ppid = caller.parent,
                                 .time_ns = header.time_ns,
                                 .start_ticks = start_ticks});
  if (entry == nullptr) {
    count_.unknown_process.add();
    return nullptr;
  }
  if (caller.parent > 0 && entry->ppid > 0 && caller.parent != entry->ppid) {
    // Only the end of the parent changes ppid, so the new one takes orphans.
    if (ProcessEntry* adopter = slots_.newest(caller.parent)) adopter->adopts = true;
    entry->ppid = caller.parent;
  }
  if (entry->comm[0] == '\0') {
    caller.comm.copy(entry->comm.data(), entry->comm.size());
  }
  if (entry->exe == 0) entry->exe = strings_.take(caller.exe);
  if (caller.credentials.known) {
    const Credentials before = std::exchange(entry->credentials, caller.credentials);
    if (!caller.has_login) {
      entry->credentials.auid = before.auid;
      entry->credentials.session = before.session;
      entry->credentials.known = before.known;
    }
  }
  return entry;
}

ProcessEntry* ProcessTable::subject(const Sighting& sighting) {
  if (!valid_pid(sighting.pid)) return nullptr;
  const uint64_t now = sighting.time_ns;
  slots_.age_out(now);
  ProcessEntry* held = slots_.started_by(sighting.pid, options_.clock.ticks(now + kClockSlackNs));
  if (sighting.start_ticks != 0) return same_start(held, sighting);
  if (held == nullptr) {
    // A younger holder is known, so this is a late event of one that is forgotten.
    if (slots_.newest(sighting.pid) != nullptr) return nullptr;
    return first_sight(sighting, read_stat(sighting.pid));
  }
  if (held->ended_ns != 0 && held->end_seen) {
    if (now <= held->ended_ns + kClockSlackNs) return held;
    return first_sight(sighting, read_stat(sighting.pid));
  }
  if (now > held->alive_ns + options_.no_reuse_ns) return verify(*held, sighting);
  if (held->ended_ns == 0) held->alive_ns = std::max(held->alive_ns, now);
  held->touched = true;
  return held;
}

ProcessEntry* ProcessTable::same_start(ProcessEntry* held, const Sighting& sighting) {
  if (held != nullptr && held->key.start_ticks() == sighting.start_ticks) {
    held->alive_ns = std::max(held->alive_ns, sighting.time_ns);
    held->touched = true;
    return held;
  }
  return first_sight(sighting, std::nullopt);
}

/// The pid was not known to live lately: it may have come around unseen.
ProcessEntry* ProcessTable::verify(ProcessEntry& held, const Sighting& sighting) {
  const bool is_other = has_other_parent(held, sighting) || !can_have_parent(held, sighting.ppid);
  if (is_recorded() && held.ended_ns == 0 && !is_other) {
    held.alive_ns = std::max(held.alive_ns, sighting.time_ns);
    held.touched = true;
    return &held;
  }
  if (is_recorded()) {
    if (sighting.must_live) return nullptr;
    if (held.ended_ns == 0) retire(held, sighting.time_ns);
    return first_sight(sighting, std::nullopt);
  }
  std::optional<ProcStat> stat = read_stat(sighting.pid);
  const bool started_by_then =
      stat && start_ns(stat->start_ticks) <= sighting.time_ns + kClockSlackNs;
  if (started_by_then && stat->start_ticks == held.key.start_ticks()) {
    slots_.revive(held);
    held.alive_ns = std::max(held.alive_ns, sighting.time_ns);
    look_at(held, *stat);
    return &held;
  }
  if (started_by_then) {
    retire(held, sighting.time_ns);
    return first_sight(sighting, std::move(stat));
  }
  // Gone, so /proc cannot say whose event it was.
  if (!is_other || sighting.must_live) return nullptr;
  retire(held, sighting.time_ns);
  return first_sight(sighting, std::nullopt);
}

/// A ppid= that is not the known parent's, while that parent still lives, cannot be of the holder:
/// only the parent's end would change it.
bool ProcessTable::has_other_parent(const ProcessEntry& held, const Sighting& sighting) {
  const ProcessEntry* parent = slots_.find(held.parent);
  return sighting.ppid > 0 && parent != nullptr && parent->ended_ns == 0 &&
         held.ppid == parent->key.pid() && sighting.ppid != held.ppid &&
         parent->alive_ns + options_.no_reuse_ns >= sighting.time_ns;
}

/// Whether ppid= can name the parent of a recorded process by now: the one before, or who takes
/// orphans, which is init or an ancestor (find_new_reaper(), kernel/exit.c).
bool ProcessTable::can_have_parent(const ProcessEntry& held, int32_t ppid) {
  if (!is_recorded() || ppid <= 1 || held.ppid <= 0 || ppid == held.ppid) return true;
  ProcessKey key = held.parent;
  for (int depth = 0; depth < 64 && key.pid() != 1; depth++) {
    const ProcessEntry* entry = slots_.find(key);
    if (entry == nullptr || key.pid() == ppid) return true;
    key = entry->parent;
  }
  return false;
}

uint64_t ProcessTable::start_of(const ProcessEntry& entry) const {
  if (entry.start_unknown) return 0;
  return entry.started_ns != 0 ? entry.started_ns : start_ns(entry.key.start_ticks());
}

/// Another process has the pid now.
void ProcessTable::retire(ProcessEntry& entry, uint64_t time_ns) {
  count_.reused_pids.add();
  if (entry.ended_ns == 0) vanish(entry, time_ns);
}

void ProcessTable::exec(ProcessEntry& entry, const ProcessEvent& event) {
  strings_.drop(std::exchange(entry.exe, strings_.take(event.caller.exe)));
  if (!event.cwd.empty()) strings_.drop(std::exchange(entry.cwd, strings_.take(event.cwd)));
  entry.comm.fill('\0');
  event.caller.comm.copy(entry.comm.data(), entry.comm.size());
  // setsid(2) is usually called between fork and exec, and leaves no record.
  bool lives = !entry.estimated;
  // An estimate means that /proc had it no more.
  if (lives && entry.first_seen_ns != event.header.time_ns) {
    const std::optional<ProcStat> stat = read_stat(entry.key.pid());
    lives = stat && stat->start_ticks == entry.key.start_ticks();
    if (lives) look_at(entry, *stat);
  }
  if (lives) look_at_container(entry);
  update_leaders(entry, slots_.find(entry.parent));
}

Identity ProcessTable::identity_of(const ProcessEntry& entry) {
  Identity identity;
  identity.process = uuid(entry.key);
  identity.parent = uuid(entry.parent);
  identity.session_leader = uuid(entry.session_leader);
  identity.entry_leader = uuid(entry.entry_leader);
  identity.entry_leader_kind = entry.entry_leader_kind;
  identity.pid = entry.key.pid();
  identity.parent_pid = entry.parent.known() ? entry.parent.pid() : entry.ppid;
  identity.start_ticks = entry.key.start_ticks();
  identity.start_time_ns = start_of(entry);
  identity.ended_ns = entry.ended_ns;
  identity.estimated = entry.estimated;
  identity.session = entry.session;
  identity.tty = entry.tty;
  identity.ns_pid = entry.ns_pid;
  identity.end_seen = entry.end_seen;
  identity.credentials = entry.credentials;
  identity.container = strings_.text(entry.container);
  identity.exe = strings_.text(entry.exe);
  identity.cwd = strings_.text(entry.cwd);
  identity.comm = {entry.comm.data(), ::strnlen(entry.comm.data(), entry.comm.size())};
  return identity;
}

bool ProcessTable::has_tasks(const TaskEnd& end) {
  const std::optional<ProcStat> stat = read_stat(end.tgid);
  const bool same = stat && (end.start_ticks == 0 || stat->start_ticks == end.start_ticks) &&
                    start_ns(stat->start_ticks) <= end.time_ns + kClockSlackNs;
  // A first thread that has ended stays as a zombie while others run, counted in num_threads.
  return same && (stat->threads > 1 || (stat->state != 'Z' && stat->state != 'X'));
}

void ProcessTable::expect_end(const TaskEnd& end) {
  if (ProcessEntry* entry = ending(end)) entry->end_awaited = true;
}

Identity ProcessTable::process_ended(const TaskEnd& end) {
  ProcessEntry* entry = ending(end);
  if (entry == nullptr) entry = unseen_until_end(end);
  if (entry == nullptr) {
    count_.unknown_process.add();
    return {};
  }
  if (entry->end_seen) return {};
  slots_.end(*entry, end.time_ns);
  entry->end_seen = true;
  return identity_of(*entry);
}

/// The process that the end is of. The kernel reports each end, so no look at /proc is needed to
/// know that the holder of the pid is still the one.
ProcessEntry* ProcessTable::ending(const TaskEnd& end) {
  if (!valid_pid(end.tgid)) return nullptr;
  if (end.start_ticks != 0) return slots_.find(ProcessKey(end.tgid, end.start_ticks));
  ProcessEntry* held =
      slots_.started_by(end.tgid, options_.clock.ticks(end.time_ns + kClockSlackNs));
  // A holder that had ended before was followed by one that gave no sign of itself.
  const bool earlier =
      held != nullptr && held->ended_ns != 0 && held->ended_ns + kClockSlackNs < end.time_ns;
  return earlier ? nullptr : held;
}

/// A process that gave no sign of itself but its end: its records were lost, or nothing records it.
ProcessEntry* ProcessTable::unseen_until_end(const TaskEnd& end) {
  Sighting sighting{.pid = end.tgid, .time_ns = end.time_ns, .start_ticks = end.start_ticks};
  if (end.start_ticks == 0 && options_.forks != nullptr) {
    const auto hint = options_.forks->hint_of({.pid = end.tgid, .until_ns = end.time_ns});
    if (hint && !hint->is_thread()) {
      sighting.ppid = hint->parent_tgid;
      sighting.time_ns = hint->time_ns;
    }
  }
  return subject(sighting);
}

/// `stat` is what /proc has under that pid now: the process itself, a later one, or nothing.
ProcessEntry* ProcessTable::first_sight(const Sighting& sighting, std::optional<ProcStat> stat) {
  if (stat && start_ns(stat->start_ticks) > sighting.time_ns + kClockSlackNs) stat.reset();
  const bool exact = stat || sighting.start_ticks != 0;
  if (!exact && sighting.must_live) return nullptr;
  const PendingFork* const fork = exact ? nullptr : recorded_fork_of(sighting);
  const uint64_t started_ns = fork != nullptr ? fork->time_ns : sighting.time_ns;
  const ProcessKey key =
      exact ? ProcessKey(sighting.pid, stat ? stat->start_ticks : sighting.start_ticks)
            : estimated_key(sighting.pid, started_ns);
  if (ProcessEntry* known = slots_.find(key)) {
    // Thought to have ended; /proc says that it lives.
    slots_.revive(*known);
    known->alive_ns = std::max(known->alive_ns, sighting.time_ns);
    return known;
  }
  if (ProcessEntry* newest = slots_.newest(sighting.pid)) {
    if (newest->key.start_ticks() > key.start_ticks()) return nullptr;
    if (newest->ended_ns == 0) retire(*newest, sighting.time_ns);
  }
  ProcessEntry* parent = parent_of(sighting, key.start_ticks(), exact);
  ProcessEntry& entry = add(key, parent, sighting.time_ns);
  entry.estimated = !exact;
  if (!exact) {
    count_.estimated.add();
    entry.started_ns = started_ns;
    entry.start_unknown = is_recorded() && fork == nullptr;
  }
  entry.ppid = sighting.ppid != 0 ? sighting.ppid : (stat ? stat->ppid : 0);
  if (stat) {
    look_at(entry, *stat);
    look_at_namespace(entry);
  }
  if (is_recorded()) inherit_namespace(entry, parent);
  link_pending(entry);
  if (!entry.fork_seen && entry.pid_namespace == PidNamespace::nested) {
    awaiting_fork_.push_back(key);
    if (awaiting_fork_.size() > options_.max_pending_forks) awaiting_fork_.pop_front();
  }
  if (!entry.parent.known() && sighting.pid != 1) count_.unknown_parent.add();
  if (sighting.must_live && stat) announce(entry, *stat);
  return &entry;
}

/// Start from the time of the first event. Never that of an earlier holder of the pid, so that an
/// estimate cannot repeat an identity.
ProcessKey ProcessTable::estimated_key(int32_t pid, uint64_t time_ns) {
  uint64_t ticks = std::max<uint64_t>(options_.clock.ticks(time_ns), 1);
  if (const ProcessEntry* newest = slots_.newest(pid)) {
    ticks = std::max(ticks, newest->key.start_ticks() + 1);
  }
  return ProcessKey(pid, ticks);
}

/// The parent at fork time, where ppid= can still be trusted to name it; else null.
ProcessEntry* ProcessTable::parent_of(const Sighting& sighting, uint64_t start_ticks, bool exact) {
  int32_t ppid = sighting.ppid;
  if (ppid == 0 && exact) {
    const std::optional<ProcStat> stat = read_stat(sighting.pid);
    if (stat && stat->start_ticks == start_ticks) ppid = stat->ppid;
  }
  if (ppid == 0 || sighting.depth >= kMaxDepth) return nullptr;
  ProcessEntry* parent = subject(
      {.pid = ppid, .time_ns = sighting.time_ns, .must_live = true, .depth = sighting.depth + 1});
  if (parent == nullptr || parent->key.start_ticks() > start_ticks + 2) return nullptr;
  // ppid= names the parent at fork time unless that has ended meanwhile. Its fork record comes
  // before its end, so a fork that is neither seen nor just being logged was lost.
  const uint64_t started_ns = exact ? start_ns(start_ticks) : earliest_start_ns(sighting.time_ns);
  if (last_loss_ns_ != 0 && started_ns <= last_loss_ns_ + kClockSlackNs) return nullptr;
  // Read from /proc, it may be newer than events that still wait to be read, and any ancestor may
  // have become an adopter by then.
  if (sighting.ppid == 0) return was_made_by(sighting.pid, ppid, started_ns) ? parent : nullptr;
  const bool overdue = exact && sighting.time_ns > started_ns + kForkSeenByNs;
  if (overdue && (ppid == 1 || parent->adopts)) return nullptr;
  return parent;
}

/// Has the kernel itself reported that this parent made the process?
bool ProcessTable::was_made_by(int32_t pid, int32_t ppid, uint64_t started_ns) {
  if (options_.forks == nullptr) return false;
  const auto hint = options_.forks->hint_of(
      {.pid = pid, .call_ns = started_ns, .until_ns = started_ns + options_.no_reuse_ns});
  return hint && !hint->is_thread() && hint->parent_tgid == ppid;
}

/// How early a process can have started that is first seen at `time_ns` and is gone from /proc: a
/// sweep that was over by then would have found it.
uint64_t ProcessTable::earliest_start_ns(uint64_t time_ns) const {
  const uint64_t began_ns = sweeps_.began_before(time_ns);
  return began_ns > kMissedAfterNs ? began_ns - kMissedAfterNs : 0;
}

/// The fork that made it, which could not tell a process from a thread at the time (clone3). In
/// recorded events the number is all there is to go by.
const ProcessTable::PendingFork* ProcessTable::recorded_fork_of(const Sighting& sighting) const {
  if (!is_recorded()) return nullptr;
  for (auto fork = pending_forks_.rbegin(); fork != pending_forks_.rend(); ++fork) {
    const bool same = fork->child_pid == sighting.pid &&
                      fork->caller_namespace == PidNamespace::own &&
                      fork->time_ns <= sighting.time_ns + kClockSlackNs;
    if (same) return &*fork;
  }
  return nullptr;
}

/// Links `child` with the fork that made it, if that came before and could not find its child.
void ProcessTable::link_pending(ProcessEntry& child) {
  const uint64_t started_ns = start_ns(child.key.start_ticks());
  const int32_t number =
      child.pid_namespace == PidNamespace::nested ? child.ns_pid : child.key.pid();
  bool contested = false;
  for (auto fork = pending_forks_.rbegin(); fork != pending_forks_.rend(); ++fork) {
    if (fork->time_ns > started_ns + kClockSlackNs) continue;
    const bool in_time = started_ns <= fork->time_ns + options_.no_reuse_ns;
    const bool by_caller = fork->caller.pid() == child.ppid;
    const bool own =
        child.pid_namespace != PidNamespace::nested && fork->caller_namespace == PidNamespace::own;
    if (fork->child_pid == number && in_time && (by_caller || own)) {
      child.fork_seen = true;
      child.parent = by_caller && !fork->parent.known() ? fork->caller : fork->parent;
      if (fork->keeps_namespace) inherit_namespace(child, slots_.find(fork->caller));
      pending_forks_.erase(std::next(fork).base());
      return update_leaders(child, slots_.find(child.parent));
    }
    contested = contested || (!by_caller && may_have_made(*fork, child));
  }
  // A caller that is gone may have made it; then ppid= names an adopter.
  if (contested) child.parent = ProcessKey();
}

/// Can `fork` have made `child`, and its caller be gone, so that ppid= names but an adopter?
/// Numbers tell only inside one namespace.
bool ProcessTable::may_have_made(const PendingFork& fork, const ProcessEntry& child) {
  const uint64_t started_ns =
      child.estimated ? earliest_start_ns(child.first_seen_ns) : start_ns(child.key.start_ticks());
  const uint64_t until_ns = fork.time_ns + options_.no_reuse_ns;
  if (child.estimated ? fork.time_ns + kClockSlackNs < started_ns : started_ns > until_ns) {
    return false;
  }
  const bool same_number = fork.child_pid == child.key.pid();
  if (child.pid_namespace == PidNamespace::own || fork.caller_namespace == PidNamespace::own) {
    if (!same_number || fork.caller_namespace == PidNamespace::nested) return false;
  }
  return may_adopt_from(fork, child.ppid);
}

/// Orphans go to init or to an ancestor of their parent (find_new_reaper(), kernel/exit.c).
bool ProcessTable::may_adopt_from(const PendingFork& fork, int32_t ppid) {
  if (fork.parent == fork.caller) {
    const std::optional<ProcStat> caller = read_stat(fork.caller.pid());
    if (caller && caller->start_ticks == fork.caller.start_ticks()) return false;
  }
  if (ppid == 1) return true;
  ProcessKey key = fork.caller;
  for (int depth = 0; depth < 64 && key.known() && key.pid() != 1; depth++) {
    const ProcessEntry* entry = slots_.find(key);
    if (entry == nullptr || entry->key.pid() == ppid) return true;
    key = entry->parent;
  }
  return key.pid() != 1;
}

/// A child that is gone is in the namespace for which its parent's children are meant. Without
/// this, no pid in its own forks could be trusted.
void ProcessTable::inherit_namespace(ProcessEntry& child, const ProcessEntry* parent) {
  if (is_recorded()) {
    const bool nested = parent != nullptr && parent->pid_namespace == PidNamespace::nested;
    if (nested) child.pid_namespace = PidNamespace::nested;
    return;
  }
  const bool may = parent != nullptr && parent->ended_ns == 0 &&
                   parent->pid_namespace == PidNamespace::own &&
                   child.pid_namespace == PidNamespace::unknown;
  if (!may || !forks_into_own_namespace(parent->key)) return;
  child.pid_namespace = PidNamespace::own;
  child.ns_pid = child.key.pid();
  child.ns_depth = 1;
}

/// As /proc tells at this moment. Within a batch of events, who forks again and again is asked
/// once.
bool ProcessTable::forks_into_own_namespace(ProcessKey parent) {
  if (batch_ != 0 && forker_.batch == batch_ && forker_.key == parent) return forker_.is_own;
  bool is_own = options_.procfs->forks_into_own_pid_namespace(parent.pid()).value_or(false);
  if (is_own) {
    const std::optional<ProcStat> stat = read_stat(parent.pid());
    is_own = stat && stat->start_ticks == parent.start_ticks();
  }
  forker_ = {batch_, parent, is_own};
  return is_own;
}

/// What fork(2) hands down: session, terminal, executable, directory.
ProcessEntry& ProcessTable::add(ProcessKey key, const ProcessEntry* parent, uint64_t time_ns) {
  ProcessEntry& entry = slots_.create(key, parent);
  entry.first_seen_ns = entry.alive_ns = time_ns;
  if (parent != nullptr) {
    entry.parent = parent->key;
    entry.ppid = parent->key.pid();
    entry.session = parent->session;
    entry.session_leader = parent->session_leader;
    entry.tty = parent->tty;
    entry.comm = parent->comm;
    entry.credentials = parent->credentials;
    entry.container = strings_.share(parent->container);
    entry.exe = strings_.share(parent->exe);
    entry.cwd = strings_.share(parent->cwd);
  }
  assign_entry_leader(entry, parent, strings_);
  count_.seen.add();
  count_sizes();
  return entry;
}

void ProcessTable::look_at(ProcessEntry& entry, const ProcStat& stat) {
  entry.touched = true;
  const bool moved = entry.session != stat.session || entry.tty != stat.tty;
  entry.session = stat.session;
  entry.tty = stat.tty;
  if (moved || !entry.session_leader.known()) update_leaders(entry, slots_.find(entry.parent));
}

void ProcessTable::look_at_namespace(ProcessEntry& entry) {
  if (options_.procfs == nullptr || entry.pid_namespace != PidNamespace::unknown) return;
  const std::optional<bool> own = options_.procfs->in_own_pid_namespace(entry.key.pid());
  if (!own) return;
  entry.pid_namespace = *own ? PidNamespace::own : PidNamespace::nested;
  entry.ns_pid = entry.key.pid();
  entry.ns_depth = 1;
  if (*own) return;
  const ProcStatus status = options_.procfs->status(entry.key.pid()).value_or(ProcStatus{});
  entry.ns_pid = status.ns_pid;
  entry.ns_depth = static_cast<uint8_t>(status.ns_depth);
}

/// Whoever moves a process into a container does it before the exec of what is to run there; its
/// children are in it from the start. Inside one, nothing more is looked up.
void ProcessTable::look_at_container(ProcessEntry& entry) {
  if (options_.procfs == nullptr || entry.container != 0) return;
  const std::optional<std::string> cgroup = options_.procfs->cgroup(entry.key.pid());
  if (cgroup) entry.container = strings_.take(container_id(*cgroup));
}

/// The pid of a session is not given away while the session has members (alloc_pid() cannot reuse
/// a struct pid that is still referenced), so the newest holder that is not younger is the leader.
void ProcessTable::update_leaders(ProcessEntry& entry, const ProcessEntry* parent) {
  if (entry.session > 0) {
    const bool self = entry.session == entry.key.pid();
    const ProcessEntry* leader =
        self ? &entry : slots_.started_by(entry.session, entry.key.start_ticks());
    entry.session_leader = leader != nullptr ? leader->key : ProcessKey();
  }
  assign_entry_leader(entry, parent, strings_);
}

/// The kernel has reported the fork of this process, whose record is not decoded yet. (A sweep
/// looks only for those whose record would have come.)
bool ProcessTable::fork_is_on_its_way(const ProcessEntry& entry) {
  if (options_.forks == nullptr) return false;
  const uint64_t started_ns = start_ns(entry.key.start_ticks());
  if (entry.first_seen_ns > started_ns + kMissedAfterNs) return false;
  // An estimate is the time of its first call, which may be well behind its fork.
  const uint64_t early_ns = entry.estimated ? std::min(started_ns, options_.no_reuse_ns) : 0;
  return options_.forks
      ->hint_of({.pid = entry.key.pid(),
                 .call_ns = started_ns - early_ns,
                 .until_ns = entry.first_seen_ns + kClockSlackNs})
      .has_value();
}

bool ProcessTable::awaits_fork(int32_t pid) {
  if (!valid_pid(pid)) return false;
  const ProcessEntry* entry = slots_.newest(pid);
  if (entry == nullptr || entry->fork_seen) return false;
  const ProcessEntry* parent = slots_.find(entry->parent);
  return parent != nullptr && parent->ended_ns == 0 && fork_is_on_its_way(*entry);
}

void ProcessTable::announce(ProcessEntry& entry, const ProcStat& stat) {
  entry.existing = true;
  entry.comm.fill('\0');
  stat.comm.copy(entry.comm.data(), entry.comm.size());
  ProcStatus status;
  ProcDetails details;
  if (options_.procfs != nullptr) {
    status = options_.procfs->status(entry.key.pid()).value_or(ProcStatus{});
    details = options_.procfs->details(entry.key.pid()).value_or(ProcDetails{});
  }
  strings_.drop(std::exchange(entry.exe, strings_.take(details.exe)));
  strings_.drop(std::exchange(entry.cwd, strings_.take(details.cwd)));
  strings_.drop(std::exchange(entry.container, strings_.take(container_id(details.cgroup))));
  entry.credentials = credentials_of(status, details);
  update_leaders(entry, slots_.find(entry.parent));
  count_.found.add();
  if (options_.sink == nullptr || fork_is_on_its_way(entry)) return;
  options_.sink->on_found({identity_of(entry), stat, status, details});
}

ForkedChild ProcessTable::link_child(const ProcessEvent& event, ProcessEntry& caller) {
  if (!valid_pid(event.child_pid)) return {};
  Fork fork{event,
            caller,
            event.header.time_ns,
            event.clone_flags_known,
            (event.clone_flags & CLONE_THREAD) != 0,
            (event.clone_flags & CLONE_PARENT) != 0,
            event.clone_flags_known && (event.clone_flags & CLONE_NEWPID) == 0};
  if (event.start_time_ticks != 0 && !fork.thread) {
    const ProcessKey key(event.child_pid, event.start_time_ticks);
    if (ProcessEntry* child = slots_.find(key)) return link_seen(*child, fork);
    return link_new(fork, key, 0);
  }
  if (caller.pid_namespace == PidNamespace::unknown && !fork.thread) {
    const std::optional<ProcStat> stat = read_stat(caller.key.pid());
    if (stat && stat->start_ticks == caller.key.start_ticks()) look_at_namespace(caller);
    if (options_.assume_own_pid_namespace) {
      caller.pid_namespace =
          is_in_nested_namespace(fork) ? PidNamespace::nested : PidNamespace::own;
    }
  }
  read_hint(fork);
  if (fork.thread) return link_thread(fork);
  int32_t pid = event.child_pid;
  if (caller.pid_namespace == PidNamespace::nested && !fork.hint) {
    if (ProcessEntry* child = nested_seen_before_fork(fork)) return link_seen(*child, fork);
    pid = nested_child_pid(fork);
    if (pid == 0) return unknown_child(fork);
  }
  if (ProcessEntry* child = seen_before_fork(fork, pid)) return link_seen(*child, fork);
  return link_unseen(fork, pid);
}

/// Numbers of the initial namespace rise, and after the last one go on at 300 (RESERVED_PIDS,
/// alloc_pid() of kernel/pid.c): a smaller one that is below the caller's own is not of there.
bool ProcessTable::is_in_nested_namespace(const Fork& fork) const {
  constexpr int32_t kReservedPids = 300;
  return fork.event.child_pid < std::min(kReservedPids, fork.caller.key.pid());
}

/// The kernel's own word on what was made, where it can be found: it stands in for the flags that
/// clone3(2) passes in memory. Records of callers in another pid namespace have numbers of theirs,
/// under which nothing is looked up; the process connector's are always ours.
void ProcessTable::read_hint(Fork& fork) {
  const bool numbers_are_ours = fork.event.header.backend == BackendKind::proc_connector;
  const PidNamespace space = fork.caller.pid_namespace;
  if (options_.forks == nullptr || fork.thread) return;
  if (space == PidNamespace::nested && !numbers_are_ours) return;
  const auto hint = options_.forks->hint_of({.pid = fork.event.child_pid,
                                             .call_ns = fork.time_ns,
                                             .until_ns = fork.time_ns + options_.no_reuse_ns});
  if (!hint) return;
  const int32_t caller = fork.caller.key.pid();
  if (hint->is_thread()) {
    fork.thread = hint->tgid == caller && !fork.flags_known;
    return;
  }
  const bool by_caller = hint->parent_tgid == caller;
  const bool is_sibling = !by_caller && hint->parent_tgid == fork.event.caller.parent;
  if (!by_caller && !is_sibling && (space != PidNamespace::own || !fork.flags_known)) return;
  fork.hint = hint;
  if (fork.flags_known) return;
  fork.flags_known = true;
  fork.clone_parent = is_sibling;
}

ForkedChild ProcessTable::link_thread(const Fork& fork) {
  count_.thread_forks.add();
  if (fork.caller.pid_namespace == PidNamespace::own) retire_holder(fork);
  ForkedChild child;
  child.kind = ChildKind::thread;
  return child;
}

/// The number went to another task, so the process that had it is gone.
void ProcessTable::retire_holder(const Fork& fork) {
  ProcessEntry* held = slots_.newest(fork.event.child_pid);
  const bool older = held != nullptr && held->ended_ns == 0 &&
                     held->alive_ns + options_.no_reuse_ns < fork.time_ns;
  if (older) retire(*held, fork.time_ns);
}

/// A start that this fork can have made: entered before it, and not much before it.
bool ProcessTable::starts_with_fork(const Fork& fork, uint64_t start_ticks) const {
  const uint64_t started_ns = start_ns(start_ticks);
  return started_ns + kClockSlackNs >= fork.time_ns &&
         started_ns <= fork.time_ns + options_.no_reuse_ns;
}

/// Records are made when a call returns, so a child's exec often comes before its parent's fork,
/// and always with vfork. Such a child is already in the table.
ProcessEntry* ProcessTable::seen_before_fork(const Fork& fork, int32_t pid) {
  ProcessEntry* child = slots_.newest(pid);
  if (child == nullptr || child->fork_seen) return nullptr;
  // A vforked child holds its caller back for as long as the exec takes.
  const bool is_held_back = is_recorded() && child->ppid == fork.caller.key.pid() &&
                            start_ns(child->key.start_ticks()) > fork.time_ns;
  if (!starts_with_fork(fork, child->key.start_ticks()) && !is_held_back) return nullptr;
  if (!child->existing && child->first_seen_ns + kClockSlackNs < fork.time_ns) return nullptr;
  const bool by_parent = child->parent == fork.caller.key || child->ppid == fork.caller.key.pid() ||
                         (!fork.flags_known && child->ppid == fork.event.caller.parent) ||
                         (fork.clone_parent && child->ppid == fork.event.caller.parent);
  // The number alone says enough where it is one of ours.
  const bool certain = by_parent || fork.hint || fork.caller.pid_namespace != PidNamespace::unknown;
  return certain ? child : nullptr;
}

ProcessEntry* ProcessTable::nested_seen_before_fork(const Fork& fork) {
  for (auto key = awaiting_fork_.rbegin(); key != awaiting_fork_.rend(); ++key) {
    ProcessEntry* child = slots_.find(*key);
    if (child == nullptr || child->fork_seen || child->ns_pid != fork.event.child_pid) continue;
    const bool same_level = child->ns_depth == fork.caller.ns_depth;
    const bool by_parent = child->parent == fork.caller.key || child->ppid == fork.caller.key.pid();
    if (!same_level || !by_parent || !starts_with_fork(fork, child->key.start_ticks())) continue;
    awaiting_fork_.erase(std::next(key).base());
    return child;
  }
  return nullptr;
}

/// The pid in our namespace of the child that the caller knows by another number; 0 when no live
/// child of it has that number.
int32_t ProcessTable::nested_child_pid(const Fork& fork) {
  if (is_recorded()) return 0;
  // Below the caller's parent the same number may be one of another namespace.
  if (fork.clone_parent) return 0;
  const int32_t parent = fork.caller.key.pid();
  const std::vector<int32_t> pids = options_.procfs->children(parent);
  const size_t first = pids.size() > kMaxChildrenRead ? pids.size() - kMaxChildrenRead : 0;
  for (size_t i = pids.size(); i > first; i--) {
    const std::optional<ProcStatus> status = options_.procfs->status(pids[i - 1]);
    const bool same = status && status->ns_pid == fork.event.child_pid &&
                      status->ns_depth == fork.caller.ns_depth && status->ppid == parent;
    if (!same) continue;
    const std::optional<ProcStat> stat = read_stat(pids[i - 1]);
    if (stat && starts_with_fork(fork, stat->start_ticks)) return pids[i - 1];
  }
  return 0;
}

ForkedChild ProcessTable::link_seen(ProcessEntry& child, const Fork& fork) {
  child.fork_seen = true;
  if (is_recorded() && child.estimated) {
    child.started_ns = std::min(child.started_ns, fork.time_ns);
    child.start_unknown = false;
  }
  if (fork.keeps_namespace) inherit_namespace(child, &fork.caller);
  const ProcessKey parent = parent_by_ppid(fork, child.ppid);
  if (parent.known() && !(parent == child.parent)) {
    child.parent = parent;
    update_leaders(child, slots_.find(parent));
  }
  return child_of(child);
}

ForkedChild ProcessTable::link_unseen(const Fork& fork, int32_t pid) {
  const std::optional<ProcStat> stat = read_stat(pid);
  if (!stat || !starts_with_fork(fork, stat->start_ticks)) return link_gone(fork, pid);
  if (!fork.flags_known) {
    // clone3(2) passes its flags in memory, which the record does not show.
    const std::optional<ProcStatus> status = options_.procfs->status(pid);
    if (!status) return link_gone(fork, pid);
    if (status->tgid == fork.caller.key.pid() && status->tgid != pid) return link_thread(fork);
    if (status->tgid != pid) return link_gone(fork, pid);
  }
  const bool certain = fork.hint || fork.caller.pid_namespace != PidNamespace::unknown ||
                       stat->ppid == fork.caller.key.pid();
  if (!certain) return unknown_child(fork);
  const ForkedChild child = link_new(fork, ProcessKey(pid, stat->start_ticks), stat->ppid);
  if (ProcessEntry* entry = slots_.find(ProcessKey(pid, stat->start_ticks))) {
    look_at(*entry, *stat);
    look_at_namespace(*entry);
  }
  return child;
}

/// The child has ended before it could be looked at.
ForkedChild ProcessTable::link_gone(const Fork& fork, int32_t pid) {
  const bool certain =
      fork.flags_known && (fork.hint || fork.caller.pid_namespace == PidNamespace::own);
  if (!certain) return unknown_child(fork);
  const uint64_t made_ns = fork.hint ? fork.hint->time_ns : fork.time_ns;
  const ForkedChild child = link_new(fork, estimated_key(pid, made_ns), 0);
  if (child.kind != ChildKind::process) return child;
  if (ProcessEntry* entry = slots_.newest(pid)) {
    entry->estimated = true;
    entry->started_ns = made_ns;
    if (fork.keeps_namespace) inherit_namespace(*entry, &fork.caller);
    const bool is_init = fork.flags_known && !fork.keeps_namespace;
    if (is_recorded() && is_init) entry->pid_namespace = PidNamespace::nested;
  }
  count_.estimated.add();
  ForkedChild estimated = child;
  estimated.start_time_ns = made_ns;
  estimated.estimated = true;
  return estimated;
}

/// Adds a child that had given no sign of itself. `ppid` is 0 where it was not looked up.
ForkedChild ProcessTable::link_new(const Fork& fork, ProcessKey key, int32_t ppid) {
  ProcessEntry* newest = slots_.newest(key.pid());
  if (newest != nullptr && newest->key.start_ticks() >= key.start_ticks()) {
    return unknown_child(fork);
  }
  // The number cannot have come around yet, so that it is one of another namespace.
  const bool is_taken = is_recorded() && newest != nullptr && newest->ended_ns == 0 &&
                        newest->alive_ns + options_.no_reuse_ns > fork.time_ns;
  if (is_taken) return unknown_child(fork);
  if (newest != nullptr && newest->ended_ns == 0) retire(*newest, fork.time_ns);
  const ProcessKey parent = parent_by_ppid(fork, ppid == 0 ? fork.caller.key.pid() : ppid);
  ProcessEntry& child = add(key, &fork.caller, fork.time_ns);
  child.fork_seen = true;
  child.parent = parent;
  child.ppid = ppid != 0 ? ppid : (parent.known() ? parent.pid() : 0);
  if (!parent.known()) count_.unknown_parent.add();
  return child_of(child);
}

ForkedChild ProcessTable::unknown_child(const Fork& fork) {
  if (is_recorded() && fork.caller.pid_namespace == PidNamespace::own) retire_holder(fork);
  const ProcessKey parent = fork.flags_known ? parent_by_ppid(fork, 0) : ProcessKey();
  return await_child({fork.event.child_pid, fork.caller.key, parent, fork.time_ns,
                      fork.caller.pid_namespace, fork.keeps_namespace});
}

/// Nobody knows who the caller was, which is gone. Its child is an orphan, whose ppid= must not be
/// taken for its parent.
ForkedChild ProcessTable::child_of_nobody(const ProcessEvent& event) {
  if (event.child_pid <= 0) return {};
  if (event.clone_flags_known && (event.clone_flags & CLONE_THREAD) != 0) {
    count_.thread_forks.add();
    ForkedChild thread;
    thread.kind = ChildKind::thread;
    return thread;
  }
  return await_child({event.child_pid, {}, {}, event.header.time_ns, PidNamespace::unknown, false});
}

/// The child's own first event may tell more.
ForkedChild ProcessTable::await_child(const PendingFork& fork) {
  count_.unknown_child.add();
  pending_forks_.push_back(fork);
  if (pending_forks_.size() > options_.max_pending_forks) pending_forks_.pop_front();
  ForkedChild child;
  child.kind = ChildKind::unknown;
  return child;
}

/// The parent at fork time. Without flags (clone3), `ppid` must tell whether CLONE_PARENT was set;
/// it cannot once the caller may have ended, for then the child may have been handed to an adopter.
ProcessKey ProcessTable::parent_by_ppid(const Fork& fork, int32_t ppid) {
  if (fork.flags_known) return fork.clone_parent ? parent_of_caller(fork) : fork.caller.key;
  if (ppid == fork.caller.key.pid()) return fork.caller.key;
  const std::optional<ProcStat> stat = read_stat(fork.caller.key.pid());
  const bool caller_lives = stat && stat->start_ticks == fork.caller.key.start_ticks() &&
                            stat->state != 'Z' && stat->state != 'X';
  if (caller_lives && ppid == fork.event.caller.parent) return parent_of_caller(fork);
  return {};
}

/// The caller's real parent when it forked. Where ppid= names another process, the parent has
/// ended, before the call or during it: that cannot be told, and only one of the two would be
/// right.
ProcessKey ProcessTable::parent_of_caller(const Fork& fork) {
  const ProcessKey parent = fork.caller.parent;
  return parent.known() && parent.pid() == fork.event.caller.parent ? parent : ProcessKey();
}

ForkedChild ProcessTable::child_of(const ProcessEntry& entry) {
  ForkedChild child;
  child.kind = ChildKind::process;
  child.pid = entry.key.pid();
  child.process = uuid(entry.key);
  child.parent = uuid(entry.parent);
  child.session_leader = uuid(entry.session_leader);
  child.entry_leader = uuid(entry.entry_leader);
  child.start_ticks = entry.key.start_ticks();
  child.start_time_ns = start_of(entry);
  child.estimated = entry.estimated;
  return child;
}

void ProcessTable::scan(uint64_t now_ns) {
  if (options_.procfs == nullptr) return;
  std::vector<int32_t> pids;
  while (options_.procfs->list(SIZE_MAX / 2, pids)) {
  }
  std::vector<ProcStat> stats;
  stats.reserve(pids.size());
  for (const int32_t pid : pids) {
    if (std::optional<ProcStat> stat = read_stat(pid)) stats.push_back(std::move(*stat));
  }
  std::sort(stats.begin(), stats.end(),
            [](const ProcStat& a, const ProcStat& b) { return a.pid < b.pid; });
  for (size_t i = 0; i < stats.size(); i++) scan_one(stats, i, now_ns);
}

/// Adds the process after its ancestors: start ticks alone do not order a parent and a child that
/// started within one tick.
ProcessEntry* ProcessTable::scan_one(const std::vector<ProcStat>& stats, size_t index,
                                     uint64_t now_ns) {
  std::vector<const ProcStat*> chain;
  for (const ProcStat* next = &stats[index]; next != nullptr;) {
    const ProcessKey key(next->pid, next->start_ticks);
    if (slots_.find(key) != nullptr || chain.size() > stats.size()) break;
    chain.push_back(next);
    const auto parent =
        std::lower_bound(stats.begin(), stats.end(), next->ppid,
                         [](const ProcStat& stat, int32_t pid) { return stat.pid < pid; });
    next = parent != stats.end() && parent->pid == chain.back()->ppid ? &*parent : nullptr;
  }
  ProcessEntry* entry = nullptr;
  for (auto stat = chain.rbegin(); stat != chain.rend(); ++stat) {
    ProcessEntry* parent = slots_.newest((*stat)->ppid > 0 ? (*stat)->ppid : 0);
    // A pid that came around while /proc was read is no parent.
    if (parent != nullptr && parent->key.start_ticks() > (*stat)->start_ticks) parent = nullptr;
    const ProcessKey key((*stat)->pid, (*stat)->start_ticks);
    if (ProcessEntry* newest = slots_.newest(key.pid())) {
      if (newest->key.start_ticks() >= key.start_ticks()) continue;
      if (newest->ended_ns == 0) retire(*newest, now_ns);
    }
    entry = &add(key, parent, now_ns);
    entry->ppid = (*stat)->ppid;
    look_at(*entry, **stat);
    look_at_namespace(*entry);
    announce(*entry, **stat);
  }
  return entry;
}

void ProcessTable::collect(uint64_t now_ns, size_t max_pids) {
  slots_.age_out(now_ns);
  count_sizes();
  if (options_.procfs == nullptr) return;
  if (sweep_from_ == 1) sweeps_.begin(now_ns);
  listed_.clear();
  swept_.clear();
  const bool more = options_.procfs->list(max_pids, listed_) && !listed_.empty();
  const int32_t last = more ? listed_.back() : ProcessKey::kPidLimit - 1;
  slots_.collect_live(sweep_from_, std::min(last, ProcessKey::kPidLimit - 1), swept_);
  for (ProcessEntry* entry : swept_) {
    if (std::binary_search(listed_.begin(), listed_.end(), entry->key.pid())) {
      check_listed(*entry, now_ns);
    } else {
      vanish(*entry, now_ns);
    }
  }
  for (const int32_t pid : listed_) find_missed(pid, now_ns);
  sweep_from_ = more ? last + 1 : 1;
  if (!more) sweeps_.end(now_ns);
}

void ProcessTable::find_missed(int32_t pid, uint64_t now_ns) {
  const ProcessEntry* known = valid_pid(pid) ? slots_.newest(pid) : nullptr;
  if (known != nullptr && known->ended_ns == 0) return;
  std::optional<ProcStat> stat = read_stat(pid);
  if (!stat || start_ns(stat->start_ticks) + kMissedAfterNs > now_ns) return;
  // An ended process stays listed until its parent has waited for it.
  if (known != nullptr && known->key.start_ticks() == stat->start_ticks) return;
  first_sight({.pid = pid, .time_ns = now_ns, .must_live = true}, std::move(stat));
}

void ProcessTable::check_listed(ProcessEntry& entry, uint64_t now_ns) {
  if (entry.alive_ns + options_.no_reuse_ns < now_ns) {
    const std::optional<ProcStat> stat = read_stat(entry.key.pid());
    if (!stat || stat->start_ticks != entry.key.start_ticks()) return vanish(entry, now_ns);
    look_at(entry, *stat);
    if (entry.pid_namespace == PidNamespace::unknown) look_at_namespace(entry);
  }
  entry.alive_ns = std::max(entry.alive_ns, now_ns);
}

void ProcessTable::vanish(ProcessEntry& entry, uint64_t now_ns) {
  slots_.end(entry, now_ns);
  if (entry.end_awaited) return;
  count_.vanished.add();
  count_sizes();
  if (options_.sink != nullptr) options_.sink->on_vanished(identity_of(entry));
}

StartedBefore ProcessTable::started_before(uint64_t start_ticks, size_t max_names) {
  constexpr int32_t kKernelThreads = 2;  // kthreadd, parent of them all
  StartedBefore found;
  swept_.clear();
  slots_.collect_live(1, ProcessKey::kPidLimit - 1, swept_);
  for (const ProcessEntry* entry : swept_) {
    const bool is_kernel = entry->key.pid() == kKernelThreads || entry->ppid == kKernelThreads;
    if (is_kernel || entry->estimated || entry->key.start_ticks() >= start_ticks) continue;
    found.count++;
    std::string name(entry->comm.data(), ::strnlen(entry->comm.data(), entry->comm.size()));
    const bool is_new =
        std::find(found.names.begin(), found.names.end(), name) == found.names.end();
    if (is_new && found.names.size() < max_names) found.names.push_back(std::move(name));
  }
  return found;
}

void ProcessTable::count_sizes() {
  count_.live.set(slots_.live());
  count_.ended.set(slots_.ended());
  count_.evicted.set(slots_.evicted());
}

}  // namespace auditql
