#pragma once

#include <sched.h>

#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "world_procfs.h"

namespace auditql::test {

/// A model of a kernel: processes that fork, exec and end at random, the records it would log, and
/// the /proc it would show. Knows the truth that ProcessTable has to find.
class ProcessWorld final : public WorldProcfs {
 public:
  static constexpr int32_t kFirstPid = 300, kLastPid = 1500, kManyPids = 32767;
  using Record = WorldRecord;

  explicit ProcessWorld(unsigned seed, int32_t last_pid = kLastPid)
      : random_(seed), pid_max_(last_pid) {
    start({.id = ++last_id_, .pid = 1, .ppid = 0, .ns_pid = 1});
    for (int i = 0; i < 5; i++) start(child_of(*by_id_[1], false));
  }

  uint64_t now() const { return kClock.wall_ns(0) + now_ns_; }
  const std::map<int, Process*>& living() const { return by_id_; }
  bool lives(int32_t pid, uint64_t start_ticks) const {
    const auto found = processes_.find(pid);
    return found != processes_.end() && ticks_of(found->second) == start_ticks;
  }

  /// One random act of one process, 2 ms later.
  void step() {
    now_ns_ += 2 * kMs;
    Process& actor = pick();
    if (actor.thread && roll(8) == 0) return exec_by_thread(*by_id_[processes_[actor.tgid].id]);
    if (actor.thread || actor.busy_until_ns > now_ns_ || actor.vfork_child != 0) return;
    const int dice = roll(100);
    if (actor.pid == 1 && dice >= 30) return;
    const bool crowded = by_id_.size() > 60;
    if (dice < (crowded ? 5 : 30)) return fork(actor);
    if (dice < 50) return exec(actor);
    if (dice < 60) return call(actor);
    if (dice < 62) actor.subreaper = true;
    if (dice < 62 || actor.pid == 1) return;
    if (dice < 85) return end(actor, true);
    end(actor, false);
  }

  /// Records whose calls have returned by now, in that order.
  std::vector<Record> take_done() {
    std::vector<Record> done;
    make_records();
    for (auto it = records_.begin(); it != records_.end() && it->first <= now_ns_;) {
      done.push_back(it->second);
      it = records_.erase(it);
    }
    return done;
  }

  /// What the connector has told since the last time.
  std::vector<WorldTold> take_told() { return std::exchange(reported_, {}); }

 private:
  int roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }
  Process& pick() {
    auto it = by_id_.begin();
    std::advance(it, roll(static_cast<int>(by_id_.size())));
    return *it->second;
  }

  int32_t next_pid() {
    do {
      last_pid_ = last_pid_ < pid_max_ ? last_pid_ + 1 : kFirstPid;
    } while (processes_.contains(last_pid_));
    return last_pid_;
  }

  Process child_of(const Process& parent, bool new_namespace) {
    Process child{.id = ++last_id_, .parent_id = parent.id, .pid = next_pid(), .ppid = parent.pid};
    child.start_ns = now_ns_;
    child.ns = new_namespace ? child.id : parent.ns;
    child.ns_pid = child.ns == 0 ? child.pid : ++last_ns_pid_[child.ns];
    return child;
  }

  Process& start(Process process) {
    if (process.tgid == 0) process.tgid = process.pid;
    Process& kept = processes_[process.pid] = process;
    by_id_[process.id] = &kept;
    return kept;
  }

  /// `ticks` of the entry of the call: the coarse clock stands still for 4 ms.
  Record made_by(const Process& p, ProcessAction action) {
    Record record;
    record.event = made(action, p.pid, p.ppid, 0);
    record.event.header.time_ns = kClock.wall_ns(0) + now_ns_ / (4 * kMs) * (4 * kMs);
    record.process_id = p.id;
    record.parent_id = p.parent_id;
    record.start_ticks = ticks_of(p);
    return record;
  }
  void log(Record record, uint64_t done_ns) {
    record.done_ns = done_ns;
    records_.emplace(done_ns, std::move(record));
  }
  /// Of calls that have returned by now. To be called before any ppid changes.
  void make_records() {
    for (auto it = records_.begin(); it != records_.end() && it->first <= now_ns_; ++it) {
      complete(it->second);
    }
  }
  /// ppid= is taken when the record is made, at the end of the call.
  void complete(Record& record) {
    if (std::exchange(record.is_made, true)) return;
    const auto found = by_id_.find(record.process_id);
    if (found != by_id_.end()) record.event.caller.parent = found->second->ppid;
  }

  void fork(Process& caller) {
    const int kind = roll(10);
    Record record = made_by(caller, ProcessAction::fork);
    record.event.clone_flags_known = kind != 8 && kind != 9;
    const bool thread = kind == 6 || kind == 8, beside = kind == 5 && caller.pid != 1;
    const bool new_namespace = kind == 7 && caller.ns == 0 && roll(3) == 0;
    Process child = child_of(caller, new_namespace);
    record.event.child_pid = caller.ns == 0 ? child.pid : child.ns_pid;
    if (new_namespace) record.event.clone_flags = CLONE_NEWPID;
    if (thread) {
      record.event.clone_flags = CLONE_THREAD;
      child.thread = true;
      child.tgid = caller.pid;
      child.ppid = caller.ppid;
    }
    if (beside) {
      record.event.clone_flags = CLONE_PARENT;
      child.ppid = caller.ppid;
      child.parent_id = processes_.contains(caller.ppid) ? processes_[caller.ppid].id : 1;
    }
    if (!record.event.clone_flags_known) record.event.clone_flags = 0;
    record.child_id = child.id;
    record.child_parent_id = child.parent_id;
    record.child_is_thread = thread;
    start(child);
    tell_fork(processes_[child.pid]);
    if (kind == 4) {
      record.event.clone_flags = CLONE_VM | CLONE_VFORK;
      caller.vfork_child = child.id;
      waiting_[child.id] = std::move(record);
      return;
    }
    // The caller may be kept from returning for a while; the child runs meanwhile. Not with
    // CLONE_PARENT: that the child's parent ends within such a call is the limit that
    // docs/use/process-identity.md names.
    const bool kept = !beside && roll(4) == 0;
    caller.busy_until_ns = now_ns_ + static_cast<uint64_t>(kept ? roll(20) : 0) * kMs;
    log(std::move(record), caller.busy_until_ns);
  }

  void tell_fork(const Process& child) {
    const auto found = processes_.find(child.ppid);
    const Process parent = found == processes_.end() ? Process() : found->second;
    reported_.push_back({.action = ProcessAction::fork,
                         .hint = {child.pid, child.tgid, child.ppid, now()},
                         .pid = child.ppid,
                         .time_ns = now(),
                         .process_id = parent.id,
                         .parent_id = parent.parent_id,
                         .child_id = child.id,
                         .child_parent_id = child.parent_id,
                         .start_ticks = ticks_of(parent)});
  }
  void tell(const Process& p, ProcessAction action) {
    reported_.push_back({.action = action,
                         .end = {p.pid, p.pid, now(), 0},
                         .pid = p.pid,
                         .time_ns = now(),
                         .process_id = p.id,
                         .parent_id = p.parent_id,
                         .start_ticks = ticks_of(p)});
  }

  /// The other threads end, the first one within its call, whose record is made then; the thread
  /// goes on under the number and with the start of the first (de_thread(), fs/exec.c).
  void exec_by_thread(Process& leader) {
    if (leader.vfork_child != 0) return;
    std::vector<Record> cut_short;
    for (auto it = records_.upper_bound(now_ns_); it != records_.end();) {
      const bool is_leaders = it->second.process_id == leader.id;
      if (is_leaders) cut_short.push_back(std::move(it->second));
      it = is_leaders ? records_.erase(it) : std::next(it);
    }
    for (Record& record : cut_short) log(std::move(record), now_ns_);
    leader.busy_until_ns = now_ns_;
    for (auto it = processes_.begin(); it != processes_.end();) {
      const bool is_gone = it->second.thread && it->second.tgid == leader.pid;
      if (is_gone) by_id_.erase(it->second.id);
      it = is_gone ? processes_.erase(it) : std::next(it);
    }
    exec(leader);
  }

  void exec(Process& p) {
    tell(p, ProcessAction::exec);
    log(made_by(p, ProcessAction::exec), now_ns_);
    p.execed = true;
    release_vfork(p);
  }
  void call(Process& p) { log(made_by(p, ProcessAction::exec), now_ns_); }

  void release_vfork(const Process& p) {
    const auto found = waiting_.find(p.id);
    if (found == waiting_.end()) return;
    const auto caller = by_id_.find(found->second.process_id);
    if (caller != by_id_.end()) {
      caller->second->vfork_child = 0;
      caller->second->busy_until_ns = now_ns_ + 1;
      log(std::move(found->second), now_ns_ + 1);
    }
    waiting_.erase(found);
  }

  void end(Process& p, bool by_exit_group) {
    if (by_exit_group) {
      Record record = made_by(p, ProcessAction::exit);
      record.event.outcome = {};
      log(std::move(record), now_ns_);
    }
    release_vfork(p);
    make_records();
    tell(p, ProcessAction::exit);
    const int32_t pid = p.pid, adopter = adopter_of(p);
    std::vector<int32_t> threads;
    for (auto& [other, process] : processes_) {
      if (process.thread && process.tgid == pid) threads.push_back(other);
      if (!process.thread && process.ppid == pid) process.ppid = adopter;
    }
    // complete() can no longer look ppid up once the process is gone.
    for (auto& [time, record] : records_) {
      if (record.process_id == p.id && !record.is_made) record.event.caller.parent = p.ppid;
    }
    threads.push_back(pid);
    for (const int32_t gone : threads) {
      by_id_.erase(processes_[gone].id);
      processes_.erase(gone);
    }
  }

  int32_t adopter_of(const Process& p) {
    for (int32_t pid = p.ppid; pid > 1 && processes_.contains(pid); pid = processes_[pid].ppid) {
      if (processes_[pid].subreaper) return pid;
    }
    return 1;
  }

  std::mt19937 random_;
  const int32_t pid_max_;
  uint64_t now_ns_ = 10'000'000'000;
  int last_id_ = 0;
  int32_t last_pid_ = kFirstPid;
  std::map<int, int32_t> last_ns_pid_;
  std::map<int, Process*> by_id_;
  std::map<int, Record> waiting_;  ///< vfork records by child
  std::multimap<uint64_t, Record> records_;
  std::vector<WorldTold> reported_;
};

}  // namespace auditql::test
