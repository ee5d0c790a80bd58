#pragma once

#include <linux/cn_proc.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

#include "../health/health_region.h"
#include "../system/stoppable_thread.h"
#include "../system/unique_fd.h"
#include "backend.h"

namespace auditql {

struct ProcConnectorOptions {
  int receive_buffer_bytes = 8 << 20;  ///< asked for; the kernel doubles it
  /// After messages were read, how long others are let come before the next look: each wake of the
  /// reader costs more than a message.
  int gather_ms = 2;
  /// Called by the reading thread behind each batch; not in read_now().
  std::function<void()> on_messages;
  int full_queue_wait_ms = 50;  ///< nothing slows the kernel here: it drops meanwhile
};

/// `what` of a proc_event as a frame's type: PROC_EVENT_EXIT is bit 31, frames have 16 bits.
constexpr uint16_t proc_frame_type(uint32_t what) {
  return static_cast<uint16_t>(what | what >> 16);
}

/// The kernel's process connector (CONFIG_PROC_EVENTS): fork, exec and exit, with pids only.
/// Frames are `struct proc_event`, as long as the kernel makes it.
class ProcConnectorBackend : public Backend {
 public:
  ProcConnectorBackend(ProcConnectorOptions options, HealthRegion& health);
  ~ProcConnectorBackend() override;

  Availability probe() override;
  Status start(FrameQueue& queue) override;
  CaptureReport report() const override;
  void stop() override;
  /// The thread that drains the queue: moves a batch of what the socket holds at this moment into
  /// the queue, without waiting for the reading thread. False when nothing is left. Between
  /// start() and stop().
  bool read_now();

 private:
  struct Counters {
    explicit Counters(HealthRegion& health);
    Counter seen, enobufs, queue_full, foreign, read_errors, rcvbuf;
  };

  void run();
  int read_locked();
  int read_batch();
  void push(const char* message, size_t size);
  void push_event(uint32_t what, std::string_view event);

  const ProcConnectorOptions options_;
  Counters counters_;
  FrameQueue* queue_ = nullptr;
  UniqueFd socket_;
  std::mutex reading_;        ///< the socket and the pushing end of the queue
  bool is_dropping_ = false;  ///< the wait for room has run out and no room came since
  StoppableThread thread_;
};

}  // namespace auditql
