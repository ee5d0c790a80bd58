#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>

#include "../values/sqlite_api.h"

namespace auditql {

/// Why a query was interrupted.
enum class Interruption : uint8_t { none, timeout, cancelled };

/// Ends queries that run past their deadline or are cancelled. Every interrupt is bound to the
/// query it is meant for: one that comes before the query begins is kept for it, one that comes
/// after its end is forgotten.
///
/// Stock better-sqlite3 has no progress handler, so that a thread has to call sqlite3_interrupt();
/// it repeats the call until the query has ended, because an interrupt that arrives before the
/// first instruction of a statement is lost. The thread owns a share of the state and is detached:
/// joinable static threads abort the process at exit.
class QueryWatchdog : public std::enable_shared_from_this<QueryWatchdog> {
 public:
  static std::shared_ptr<QueryWatchdog> start();

  struct Watch {
    sqlite3* db;
    uint32_t generation;
    uint64_t timeout_ms;  ///< 0: none
  };
  /// The thread that runs the query, around it.
  void begin(const Watch& watch);
  void end();
  /// Any thread.
  Interruption interruption() const;
  /// Any thread: ends the query of that generation, now or as soon as it begins.
  void cancel(uint32_t generation);
  /// Ends the thread; no query may run.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  /// What the running query needs now; gives when to look again.
  Clock::time_point watch_running();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  sqlite3* db_ = nullptr;  ///< of the running query
  uint32_t generation_ = 0;
  Clock::time_point deadline_;
  Clock::time_point wakes_at_ = Clock::time_point::max();  ///< when the thread looks again
  Interruption interruption_ = Interruption::none;
  std::set<uint32_t> early_cancels_;  ///< of queries that have not begun; bounded
  bool stopped_ = false;
};

}  // namespace auditql
