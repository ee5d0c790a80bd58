#include <algorithm>

#include "container_id.h"
#include "entry_leader.h"
#include "process_table.h"

namespace auditql {
namespace {

/// Ancestors that are looked up in /proc on the way to one unknown process.
constexpr int kMaxDepth = 16;
/// A fork that was recorded at all has been seen this long after the child's start.
constexpr uint64_t kForkSeenByNs = 1'000'000'000;

}  // namespace

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

/// Has the kernel itself told that this parent made the process?
bool ProcessTable::was_made_by(int32_t pid, int32_t ppid, uint64_t started_ns) {
  if (options_.forks == nullptr) return false;
  const auto note = options_.forks->note_of(
      {.pid = pid, .call_ns = started_ns, .until_ns = started_ns + options_.no_reuse_ns});
  return note && !note->is_thread() && note->parent_tgid == ppid;
}

/// How early a process can have started that is first seen at `time_ns` and is gone from /proc: a
/// sweep that was over by then would have found it.
uint64_t ProcessTable::earliest_start_ns(uint64_t time_ns) const {
  for (auto round = rounds_.rbegin(); round != rounds_.rend(); ++round) {
    if (round->ended_ns > time_ns) continue;
    return round->began_ns > kMissedAfterNs ? round->began_ns - kMissedAfterNs : 0;
  }
  return 0;
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
  if (!may || !options_.procfs->forks_into_own_pid_namespace(parent->key.pid()).value_or(false)) {
    return;
  }
  const std::optional<ProcStat> stat = read_stat(parent->key.pid());
  if (!stat || stat->start_ticks != parent->key.start_ticks()) return;
  child.pid_namespace = PidNamespace::own;
  child.ns_pid = child.key.pid();
  child.ns_depth = 1;
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

/// The kernel has told the fork of this process, whose record is not decoded yet. (A sweep looks
/// only for those whose record would have come.)
bool ProcessTable::fork_is_on_its_way(const ProcessEntry& entry) {
  if (options_.forks == nullptr) return false;
  const uint64_t started_ns = start_ns(entry.key.start_ticks());
  if (entry.first_seen_ns > started_ns + kMissedAfterNs) return false;
  // An estimate is the time of its first call, which may be well behind its fork.
  const uint64_t early_ns = entry.estimated ? std::min(started_ns, options_.no_reuse_ns) : 0;
  return options_.forks
      ->note_of({.pid = entry.key.pid(),
                 .call_ns = started_ns - early_ns,
                 .until_ns = entry.first_seen_ns + kClockSlackNs})
      .has_value();
}

bool ProcessTable::awaits_fork(int32_t pid) {
  if (pid <= 0 || pid >= ProcessKey::kPidLimit) return false;
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
  entry.credentials = {
      details.loginuid, status.uid,  status.euid,  status.suid,           status.fsuid, status.gid,
      status.egid,      status.sgid, status.fsgid, details.audit_session, true};
  update_leaders(entry, slots_.find(entry.parent));
  count_.found.add();
  if (options_.sink == nullptr || fork_is_on_its_way(entry)) return;
  options_.sink->on_found({identity_of(entry), stat, status, details});
}

}  // namespace auditql
