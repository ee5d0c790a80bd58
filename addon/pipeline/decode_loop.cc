#include "decode_loop.h"

#include <pthread.h>

namespace auditql {

namespace {

constexpr int kRecordPauseMs = 200;
/// A record of eBPF is a whole event: nothing waits for the next one.
constexpr int kKernelEventPauseMs = 1000;
constexpr int kIdlePauseMs = 5000;
/// Nothing that a record began waits for longer than this.
constexpr uint64_t kQuietNs = 10'000'000'000;

}  // namespace

int DecodePause::milliseconds(uint64_t now_ns) const {
  if (now_ns - record_ns_ < kQuietNs) return kRecordPauseMs;
  return now_ns - kernel_event_ns_ < kQuietNs ? kKernelEventPauseMs : kIdlePauseMs;
}

DecodeLoop::DecodeLoop(FrameQueue& queue, Steps steps)
    : queue_(queue), steps_(std::move(steps)), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "auditql-decode");
}

DecodeLoop::~DecodeLoop() {
  queue_.close();
  thread_.join();
}

void DecodeLoop::run() {
  DecodePause pause(monotonic_ns());
  while (true) {
    // Order matters: what was pushed before close() is seen by the drain behind this look.
    const bool closed = queue_.closed();
    const uint64_t now = monotonic_ns();
    steps_.before_batch();
    const size_t frames = queue_.drain(kBatchFrames, [&](const Frame& frame) {
      pause.on_frame(frame.kind, now);
      steps_.on_frame(frame, now);
    });
    steps_.on_pause(now);
    if (frames != 0) continue;
    if (closed) return;
    if (queue_.wait(pause.milliseconds(now))) pause.on_nudge(now);
  }
}

}  // namespace auditql
