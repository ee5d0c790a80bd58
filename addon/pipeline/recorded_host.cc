#include "recorded_host.h"

#include <algorithm>
#include <utility>

#include "../decode/record_type.h"

namespace auditql {

namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kTickNs = 10'000'000;
/// Half of what a ProcessKey holds: 10.9 years.
constexpr uint64_t kEraTicks = uint64_t{1} << (ProcessKey::kTickBits - 1);
constexpr uint16_t kSystemBoot = 1127;
/// Records of auditd itself, which counts serials of its own.
constexpr uint16_t kFirstDaemon = 1200, kLastDaemon = 1299;
/// Events of one boot come this much out of order at most, where their times are in order.
constexpr uint32_t kSerialDisorder = 1000;

/// When ticks begin: at least 10.9 years before that time, and the same for all times of 10.9
/// years, so that a process has one uuid whichever of a host's logs are read together.
uint64_t era_of(uint64_t time_ns) {
  const uint64_t era = time_ns / kTickNs / kEraTicks;
  return (era > 0 ? era - 1 : 0) * kEraTicks * kTickNs;
}

/// Whether the serial is smaller and that is not because it came around.
bool is_below(uint32_t serial, uint32_t newest) {
  const bool wrapped = newest > 0xf0000000 && serial < 0x10000000;
  return serial < newest && !wrapped;
}

}  // namespace

RecordedHost::RecordedHost(Options options)
    : options_(std::move(options)),
      lifetimes_(LifetimeRows::Options{options_.process_lifetimes, options_.health, 0}) {}

/// Serials begin anew with each boot, and time goes on. systemd writes SYSTEM_BOOT, of containers
/// too, so that the serial has to agree.
bool RecordedHost::is_boot(const RawEvent& event) const {
  if (event.id.time_ns <= newest_ns_ + kSecond) return false;
  if (!is_below(event.id.serial, newest_serial_)) return false;
  const auto is_reported = [](const Record& record) {
    return record.type == kSystemBoot || record.type == record_type::kernel;
  };
  return newest_serial_ - event.id.serial > kSerialDisorder ||
         std::any_of(event.records.begin(), event.records.end(), is_reported);
}

void RecordedHost::begin_event(const RawEvent& event) {
  const uint64_t time_ns = event.id.time_ns;
  const uint16_t type = event.records.empty() ? 0 : event.records.front().type;
  const bool counts_itself = type >= kFirstDaemon && type <= kLastDaemon;
  const bool fits = now_.processes != nullptr && time_ns >= clock_.wall_ns(0) &&
                    clock_.ticks(time_ns) < 2 * kEraTicks;
  if (!fits || (!counts_itself && is_boot(event))) boot(time_ns);
  if (!counts_itself && time_ns >= newest_ns_) {
    newest_ns_ = time_ns;
    newest_serial_ = event.id.serial;
  }
  // Events without an end mark are handed on late.
  const bool is_late = before_.processes != nullptr && time_ns < now_.began_ns;
  processes_ = (is_late ? before_ : now_).processes.get();
}

void RecordedHost::boot(uint64_t time_ns) {
  before_ = std::move(now_);
  clock_ = BootClock(era_of(time_ns), kSecond / kTickNs);
  ProcessTableOptions table;
  table.boot_id = "recorded " + options_.node;
  // A start can only come twice after the clock was set back.
  if (time_ns < newest_ns_) table.boot_id += ' ' + std::to_string(++boots_);
  table.clock = clock_;
  table.health = options_.health;
  table.assume_own_pid_namespace = true;
  table.max_pending_forks = options_.max_open_forks;
  now_ = {time_ns, std::make_unique<ProcessTable>(std::move(table))};
  newest_ns_ = 0;
}

size_t RecordedHost::size() const {
  size_t size = 0;
  for (const Boot* boot : {&now_, &before_}) {
    if (boot->processes != nullptr) size += boot->processes->live();
  }
  return size;
}

void RecordedHost::fold(uint64_t time_ns) {
  // Another log, or the end of a wrong time.
  const bool went_back = time_ns + 10 * kSecond < next_fold_ns_;
  if (went_back) lifetimes_.finish();
  if (time_ns < next_fold_ns_ && !went_back) return;
  next_fold_ns_ = time_ns + kSecond;
  lifetimes_.store(time_ns);
}

std::vector<OpenFork> RecordedHost::await_child(const ProcessEvent& fork, const Identity& caller) {
  std::vector<OpenFork> released;
  const auto release = [&](std::list<OpenFork>::iterator at) {
    fork_of_child_.erase(at->fork.event.child_pid);
    released.push_back(std::move(*at));
    forks_.erase(at);
  };
  const auto older = fork_of_child_.find(fork.child_pid);
  if (older != fork_of_child_.end()) release(older->second);
  forks_.push_back({KeptEvent(fork), KeptIdentity(caller)});
  fork_of_child_[fork.child_pid] = std::prev(forks_.end());
  if (forks_.size() > options_.max_open_forks) release(forks_.begin());
  return released;
}

std::vector<OpenFork> RecordedHost::take_fork_of(const Identity& child) {
  std::vector<OpenFork> taken;
  const auto found = fork_of_child_.find(child.pid);
  if (found == fork_of_child_.end() || !child.known()) return taken;
  const auto at = found->second;
  // The process table links by the time of the fork; another holder of the pid began at another.
  if (child.start_time_ns != at->fork.event.header.time_ns) return taken;
  taken.push_back(std::move(*at));
  fork_of_child_.erase(found);
  forks_.erase(at);
  ForkedChild& made = taken.front().caller.identity.child;
  made.kind = ChildKind::process;
  made.pid = child.pid;
  made.process = child.process;
  made.parent = child.parent;
  made.session_leader = child.session_leader;
  made.entry_leader = child.entry_leader;
  made.start_ticks = child.start_ticks;
  made.start_time_ns = child.start_time_ns;
  made.estimated = child.estimated;
  return taken;
}

std::vector<OpenFork> RecordedHost::take_forks() {
  std::vector<OpenFork> taken(std::make_move_iterator(forks_.begin()),
                              std::make_move_iterator(forks_.end()));
  forks_.clear();
  fork_of_child_.clear();
  return taken;
}

}  // namespace auditql
