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
  changed_.notify_one();
}

void QueryWatchdog::end() {
  // The lock keeps a late interrupt from hitting the next query: none is sent once db_ is null.
  const std::lock_guard lock(mutex_);
  db_ = nullptr;
  changed_.notify_one();
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
    if (db_ == nullptr) {
      changed_.wait(lock);
    } else {
      watch_running(lock);
    }
  }
}

void QueryWatchdog::watch_running(std::unique_lock<std::mutex>& lock) {
  if (interruption_ == Interruption::none && Clock::now() >= deadline_) {
    interruption_ = Interruption::timeout;
  }
  if (interruption_ != Interruption::none) {
    sqlite3_interrupt(db_);
    changed_.wait_for(lock, kRepeat);
  } else if (deadline_ == Clock::time_point::max()) {
    changed_.wait(lock);
  } else {
    changed_.wait_until(lock, deadline_);
  }
}

}  // namespace auditql
