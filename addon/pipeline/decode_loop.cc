#include "decode_loop.h"

#include <pthread.h>

namespace auditql {

namespace {

constexpr int kDecodePauseMs = 200;
/// Nothing that a record began waits for longer than this.
constexpr uint64_t kQuietNs = 10'000'000'000;
constexpr int kDecodeIdlePauseMs = 5000;

}  // namespace

DecodeLoop::DecodeLoop(FrameQueue& queue, Steps steps)
    : queue_(queue), steps_(std::move(steps)), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "auditql-decode");
}

DecodeLoop::~DecodeLoop() {
  queue_.close();
  thread_.join();
}

void DecodeLoop::run() {
  uint64_t busy_ns = monotonic_ns();
  while (true) {
    // Order matters: what was pushed before close() is seen by the drain behind this look.
    const bool closed = queue_.closed();
    const uint64_t now = monotonic_ns();
    steps_.before_batch();
    const size_t frames =
        queue_.drain(kBatchFrames, [&](const Frame& frame) { steps_.on_frame(frame, now); });
    steps_.on_pause(now);
    if (frames == 0) {
      if (closed) return;
      if (queue_.wait(now - busy_ns < kQuietNs ? kDecodePauseMs : kDecodeIdlePauseMs))
        busy_ns = now;
    } else {
      busy_ns = now;
    }
  }
}

}  // namespace auditql
