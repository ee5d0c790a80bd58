#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "../capture/frame_queue.h"
#include "../system/clocks.h"

namespace auditql {

/// How long the decoding thread sleeps at most while no frame comes: briefly while a record may
/// wait for others of its event, long on an idle host. Times are of CLOCK_MONOTONIC.
class DecodePause {
 public:
  explicit DecodePause(uint64_t now_ns) : record_ns_(now_ns), kernel_event_ns_(now_ns) {}

  void on_frame(FrameKind kind, uint64_t now_ns) {
    (kind == FrameKind::kernel_event ? kernel_event_ns_ : record_ns_) = now_ns;
  }
  /// Records of another queue came.
  void on_nudge(uint64_t now_ns) { record_ns_ = now_ns; }
  int milliseconds(uint64_t now_ns) const;

 private:
  uint64_t record_ns_;
  uint64_t kernel_event_ns_;
};

/// The decoding thread: takes frames out of the queue until it is closed and empty.
class DecodeLoop {
 public:
  /// Frames of one batch, at most.
  static constexpr size_t kBatchFrames = 4096;

  struct Steps {
    /// Before each batch.
    std::function<void()> before_batch;
    /// Each frame, with CLOCK_MONOTONIC nanoseconds of the batch.
    std::function<void(const Frame&, uint64_t)> on_frame;
    /// Between batches, and after each sleep of DecodePause.
    std::function<void(uint64_t)> on_pause;
  };

  DecodeLoop(FrameQueue& queue, Steps steps);
  /// Closes the queue, decodes what is in it, and ends the thread.
  ~DecodeLoop();

 private:
  void run();

  FrameQueue& queue_;
  Steps steps_;
  std::thread thread_;
};

}  // namespace auditql
