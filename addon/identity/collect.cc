#include <string.h>

#include <algorithm>

#include "process_table.h"

namespace auditql {
namespace {

constexpr size_t kRoundsKept = 64;

}  // namespace

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
  if (sweep_from_ == 1) round_.began_ns = now_ns;
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
  if (more) return;
  round_.ended_ns = now_ns;
  rounds_.push_back(round_);
  if (rounds_.size() > kRoundsKept) rounds_.pop_front();
}

void ProcessTable::find_missed(int32_t pid, uint64_t now_ns) {
  const ProcessEntry* known = pid < ProcessKey::kPidLimit ? slots_.newest(pid) : nullptr;
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
