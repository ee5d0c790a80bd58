#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "../capture/frame_queue.h"
#include "../system/clocks.h"

namespace auditql {

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
    /// Between batches, and at least every 200 ms until nothing has come for a while.
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
