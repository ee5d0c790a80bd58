#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "../health/health_region.h"
#include "../system/stoppable_thread.h"
#include "audit_config_guard.h"
#include "audit_reader.h"
#include "audit_report.h"
#include "audit_socket.h"

namespace auditql {

/// The thread that looks after the host's audit subsystem: the loss counter, which is the only sign
/// of loss there is, the owner role, and our rules. Once a second while records come, at once when
/// the kernel tells of a change, and seldom otherwise.
class AuditMonitor {
 public:
  struct Options {
    /// Unicast: the stream is owned whenever that is possible.
    AuditMode mode = AuditMode::unicast;
    AuditPlan plan = {};  ///< what is read at first
    /// The stream is given up when another process asks for it.
    bool gives_way = false;
    int receive_buffer_bytes = 0;
    int period_ms = 1000;
    int idle_period_ms = 5000;
    /// How long another process has time to take the stream that was given up for it.
    int give_way_ms = 30'000;
  };

  AuditMonitor(AuditConfigGuard& config_guard, AuditReader& reader, HealthRegion& health,
               const FrameQueue& queue, Options options);
  ~AuditMonitor();
  AuditMonitor(const AuditMonitor&) = delete;
  AuditMonitor& operator=(const AuditMonitor&) = delete;

  Status start();
  /// After this the guard belongs to the caller again.
  void stop();
  /// From any thread while it runs; see AuditConfigGuard::replace_rules().
  Status replace_rules(std::vector<AuditRule> rules);
  /// Takes the counts of the kernel; also for the last time after stop().
  Result<AuditStatus> count();
  /// From any thread: what it found last.
  AuditView view() const;
  /// From any thread: see Backend::is_complete(), as found last.
  bool is_complete() const { return is_complete_.load(std::memory_order_relaxed); }

 private:
  struct Counters {
    explicit Counters(HealthRegion& health);
    Counter kernel_lost, kernel_lost_total, backlog, backlog_limit, enabled, queue_bytes;
    Counter owner_lost, owner_taken_back, owner_given_up, is_owner, rules_restored, rules_missing,
        poll_errors;
  };

  void run();
  void wait();
  void look_soon();
  void poll();
  void record(const AuditStatus& status);
  void note_status(const Result<AuditStatus>& status);
  void note_rules();
  void watch_owner(const AuditStatus& status);
  void fall_back_to_multicast();
  void stand_aside(bool is_taken);
  void take_back();
  void watch_rules();
  void watch_owner_rules();

  AuditConfigGuard& config_guard_;  ///< guarded by config_guard_mutex_ while the thread runs
  AuditReader& reader_;
  const FrameQueue& queue_;
  const Options options_;
  Counters counters_;
  uint32_t last_lost_;
  AuditMode mode_;  ///< what the reader reads now
  mutable std::mutex view_mutex_;
  AuditView view_;
  bool has_all_rules_ = false;  ///< ours are loaded, and none of others keeps calls out
  std::atomic<bool> is_complete_{false};
  std::chrono::steady_clock::time_point rules_due_{};
  std::chrono::steady_clock::time_point not_before_{};  ///< the stream is not taken back
  std::atomic<bool> is_asked_{false};                   ///< another process wants the stream
  uint64_t records_seen_ = 0;                           ///< at the last look
  std::mutex config_guard_mutex_;
  std::atomic<bool> has_changed_{false};  ///< the kernel has told of a change since the last look
  StoppableThread thread_;
};

}  // namespace auditql
