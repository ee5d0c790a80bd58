#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "../health/health_region.h"
#include "../system/result.h"
#include "../system/stoppable_thread.h"
#include "../system/unique_fd.h"
#include "frame_queue.h"
#include "record_overlap.h"
#include "serial_gaps.h"

namespace auditql {

inline CounterKey audit_counter_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "audit", metric, reason};
}

/// The thread that moves records from an audit socket into the frame queue, and does nothing else.
class AuditReader {
 public:
  struct Options {
    /// While the queue is full the kernel's backlog holds the stream; after this long records are
    /// dropped and counted, so that no call of the host waits on our own consumer.
    int full_queue_wait_ms = 200;
    /// After records were read, how long others are let come before the next look: kauditd hands
    /// them over one by one, and each wake of the reader costs more than many records.
    int gather_ms = 2;
    /// The same in a storm, while 2,000 records or more come each second: then processes end faster
    /// than they are looked at anyway, and fewer wakes leave the host more of its CPU.
    int busy_gather_ms = 10;
    /// How long the first record after a pause is left, so that what another backend captures of
    /// its process comes before it.
    int settle_ms = 0;
  };

  AuditReader(FrameQueue& queue, HealthRegion& health, Options options);
  ~AuditReader();
  AuditReader(const AuditReader&) = delete;
  AuditReader& operator=(const AuditReader&) = delete;

  Status start(UniqueFd socket);
  /// Any thread, before another socket is opened: from now on a record that both sockets get is
  /// passed on once.
  void expect_other_socket();
  /// Any thread: goes on with another socket, after what the old one still holds.
  void switch_to(UniqueFd socket);
  /// Any thread: the socket gets nothing more by multicast; what it holds is still read.
  void leave_multicast();
  /// Any thread: waits until the socket has been seen empty after this call, at most `timeout_ms`.
  void drain(int timeout_ms);
  void stop();

  /// Any thread: records read so far.
  uint64_t records() const { return counters_.seen.get(); }
  /// Any thread: called by the reading thread when the kernel has told of a change of the audit
  /// system (AUDIT_CONFIG_CHANGE); empty: no more.
  void set_on_config_change(std::function<void()> callback);
  /// Any thread: called by the reading thread when another process asks the kernel for the stream
  /// that we own (AUDIT_REPLACE, audit_replace() in kernel/audit.c); empty: no more.
  void set_on_replace(std::function<void()> callback);

  /// Any thread: how full the socket is, into the health table.
  void sample_socket();

 private:
  struct Batch;
  /// How many records came lately. Reading thread only.
  class Rate {
   public:
    void add(uint64_t records, uint64_t now_ns);
    bool is_busy() const;

   private:
    uint64_t since_ns_ = 0, records_ = 0;
    uint64_t before_ = 0;  ///< records of the span before
  };
  struct Counters {
    explicit Counters(HealthRegion& health);
    Counter seen, bytes, enobufs, truncated, queue_full, serial_gap, queue_waits, foreign,
        read_errors, twice;
    Counter socket_used, socket_limit;
  };

  void run();
  bool take_next_socket();
  int read_batch(Batch& batch);
  void push_batch(Batch& batch, int messages);
  void tell(bool has_changed, bool is_asked);
  void push_record(uint16_t type, std::string_view body);
  bool push_when_room(uint16_t type, std::string_view body);
  void wait_for_records();
  void gather_records();

  FrameQueue& queue_;
  const Options options_;
  Counters counters_;
  std::mutex mutex_;  ///< guards socket_ against sampling, next_socket_ and the callback
  std::function<void()> on_config_change_, on_replace_;
  RecordOverlap overlap_;
  UniqueFd socket_;
  UniqueFd next_socket_;
  std::atomic<uint64_t> emptied_{0};  ///< how often the socket was found empty
  SerialGaps gaps_;
  Rate rate_;
  bool is_quiet_ = false;     ///< nothing has come for a while, and no event is open
  bool is_dropping_ = false;  ///< the wait for room has run out and no room came since
  StoppableThread thread_;
};

}  // namespace auditql
