#include <sched.h>

#include <algorithm>

#include "process_table.h"

namespace auditql {
namespace {

/// Children of one process that are looked through for a pid of another namespace.
constexpr size_t kMaxChildrenRead = 64;

}  // namespace

ForkedChild ProcessTable::link_child(const ProcessEvent& event, ProcessEntry& caller) {
  if (event.child_pid <= 0 || event.child_pid >= ProcessKey::kPidLimit) return {};
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
  read_note(fork);
  if (fork.thread) return link_thread(fork);
  int32_t pid = event.child_pid;
  if (caller.pid_namespace == PidNamespace::nested && !fork.note) {
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
void ProcessTable::read_note(Fork& fork) {
  const bool numbers_are_ours = fork.event.header.backend == BackendKind::proc_connector;
  const PidNamespace space = fork.caller.pid_namespace;
  if (options_.forks == nullptr || fork.thread) return;
  if (space == PidNamespace::nested && !numbers_are_ours) return;
  const auto note = options_.forks->note_of({.pid = fork.event.child_pid,
                                             .call_ns = fork.time_ns,
                                             .until_ns = fork.time_ns + options_.no_reuse_ns});
  if (!note) return;
  const int32_t caller = fork.caller.key.pid();
  if (note->is_thread()) {
    fork.thread = note->tgid == caller && !fork.flags_known;
    return;
  }
  const bool by_caller = note->parent_tgid == caller;
  const bool beside = !by_caller && note->parent_tgid == fork.event.caller.parent;
  if (!by_caller && !beside && (space != PidNamespace::own || !fork.flags_known)) return;
  fork.note = note;
  if (fork.flags_known) return;
  fork.flags_known = true;
  fork.clone_parent = beside;
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
  const bool certain = by_parent || fork.note || fork.caller.pid_namespace != PidNamespace::unknown;
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
  const bool certain = fork.note || fork.caller.pid_namespace != PidNamespace::unknown ||
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
      fork.flags_known && (fork.note || fork.caller.pid_namespace == PidNamespace::own);
  if (!certain) return unknown_child(fork);
  const uint64_t made_ns = fork.note ? fork.note->time_ns : fork.time_ns;
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

}  // namespace auditql
