#include "process_table.h"

#include <algorithm>

namespace auditql {
namespace {

bool valid_pid(int32_t pid) { return pid > 0 && pid < ProcessKey::kPidLimit; }

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
  if (event.action == ProcessAction::exit && !options_.ends_are_told) {
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
  const ProcessEntry* entry = subject_of(event.header, event.caller, 0);
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
  if (entry.first_seen_ns != event.header.time_ns) {
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

/// The process that the end is of. The kernel tells each end, so no look at /proc is needed to know
/// that the holder of the pid is still the one.
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
    const auto note = options_.forks->note_of({.pid = end.tgid, .until_ns = end.time_ns});
    if (note && !note->is_thread()) {
      sighting.ppid = note->parent_tgid;
      sighting.time_ns = note->time_ns;
    }
  }
  return subject(sighting);
}

}  // namespace auditql
