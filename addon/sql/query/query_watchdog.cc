#include "query_watchdog.h"

#include <thread>

namespace auditql {

namespace {
constexpr auto kRepeat = std::chrono::milliseconds(2);
constexpr size_t kMaxEarlyCancels = 1024;
}  // namespace

std::shared_ptr<QueryWatchdog> QueryWatchdog::start() {
  auto watchdog = std::make_shared<QueryWatchdog>();
  std::thread([watchdog] { watchdog->run(); }).detach();
  return watchdog;
}

void QueryWatchdog::begin(const Watch& watch) {
  const std::lock_guard lock(mutex_);
  db_ = watch.db;
  generation_ = watch.generation;
  deadline_ = watch.timeout_ms == 0 ? Clock::time_point::max()
                                    : Clock::now() + std::chrono::milliseconds(watch.timeout_ms);
  const bool cancelled = early_cancels_.contains(generation_);
  interruption_ = cancelled ? Interruption::cancelled : Interruption::none;
  early_cancels_.erase(early_cancels_.begin(), early_cancels_.upper_bound(generation_));
  // Waking the thread takes longer than a short query: mostly it looks soon enough by itself.
  if (cancelled || deadline_ < wakes_at_) changed_.notify_one();
}

void QueryWatchdog::end() {
  // The lock keeps a late interrupt from hitting the next query: none is sent once db_ is null.
  const std::lock_guard lock(mutex_);
  db_ = nullptr;
}

Interruption QueryWatchdog::interruption() const {
  const std::lock_guard lock(mutex_);
  return interruption_;
}

void QueryWatchdog::cancel(uint32_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation > generation_) {
    if (early_cancels_.size() < kMaxEarlyCancels) early_cancels_.insert(generation);
    return;
  }
  if (generation < generation_ || db_ == nullptr) return;
  if (interruption_ == Interruption::none) interruption_ = Interruption::cancelled;
  // The thread takes over from here; waiting for it to wake would cost another turn of a processor.
  sqlite3_interrupt(db_);
  changed_.notify_one();
}

void QueryWatchdog::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_one();
}

void QueryWatchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    wakes_at_ = db_ == nullptr ? Clock::time_point::max() : watch_running();
    if (wakes_at_ == Clock::time_point::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wakes_at_);
    }
  }
}

QueryWatchdog::Clock::time_point QueryWatchdog::watch_running() {
  if (interruption_ == Interruption::none && Clock::now() >= deadline_) {
    interruption_ = Interruption::timeout;
  }
  if (interruption_ == Interruption::none) return deadline_;
  sqlite3_interrupt(db_);
  return Clock::now() + kRepeat;
}

}  // namespace auditql
