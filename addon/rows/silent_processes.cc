#include "silent_processes.h"

#include <algorithm>

namespace auditql {
namespace {

/// How long the record of a fork may take: vfork(2) returns only when the child has executed.
constexpr uint64_t kRecordDueNs = 10'000'000'000;
constexpr size_t kMaxPending = 256;

}  // namespace

SilentProcesses::SilentProcesses(HealthRegion& health)
    : count_(health.counter({"capture", "audit", "silent_processes"})) {
  count_.set(0);
}

void SilentProcesses::forked(uint64_t start_ticks, uint64_t now_ns) {
  if (!is_open(start_ticks) || start_ticks < silent_ || pending_.size() >= kMaxPending) return;
  pending_.push_back({start_ticks, now_ns + kRecordDueNs});
}

void SilentProcesses::recorded(uint64_t start_ticks) {
  if (start_ticks == 0 || start_ticks >= audited_) return;
  audited_ = start_ticks;
  // What was taken for silence had another reason.
  if (silent_ > audited_) silent_ = 0;
}

uint64_t SilentProcesses::settle(uint64_t now_ns) {
  while (!pending_.empty() && pending_.front().due_ns <= now_ns) {
    const uint64_t start_ticks = pending_.front().start_ticks;
    pending_.pop_front();
    if (is_open(start_ticks)) silent_ = std::max(silent_, start_ticks + 1);
  }
  return silent_;
}

void SilentProcesses::store(Found found) {
  count_.set(found.count);
  const std::lock_guard lock(mutex_);
  found_ = std::move(found);
}

SilentProcesses::Found SilentProcesses::found() const {
  const std::lock_guard lock(mutex_);
  return found_;
}

}  // namespace auditql
