#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace auditql {

/// What a frame's bytes are.
enum class FrameKind : uint16_t {
  audit_record,  ///< body of an audit netlink message; `type` is its nlmsg_type (AUDIT_*)
  proc_event,    ///< struct proc_event of the proc connector
  kernel_event,  ///< `kernel_record` of the eBPF programs (decode/kernel_record.h)
};

struct Frame {
  FrameKind kind;
  uint16_t type;
  std::string_view bytes;
};

/// Bounded byte ring between one capturing thread and the decoding thread.
/// A full ring refuses the frame; the producer waits or counts, it never blocks the consumer.
class FrameQueue {
 public:
  /// Capacity is rounded up to a power of two. Pages are touched only when used: a queue that is
  /// emptied again and again uses the same few.
  explicit FrameQueue(size_t capacity_bytes) : FrameQueue(capacity_bytes, nullptr) {}
  /// `waited_for`: the queue that the consumer of this one, too, sleeps on; it must live longer.
  FrameQueue(size_t capacity_bytes, FrameQueue* waited_for);
  ~FrameQueue();
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;

  /// Producer. False when there is no room.
  bool push(FrameKind kind, uint16_t type, std::string_view bytes);
  /// Producer: wakes a waiting consumer; call once per batch.
  void notify();

  /// Consumer: hands every frame that is there to `consume(const Frame&)`, at most `max_frames`.
  template <typename Consume>
  size_t drain(size_t max_frames, Consume&& consume);
  /// Consumer: shows the frames that the next drain() hands over, at most `max_frames`.
  template <typename Look>
  void peek(size_t max_frames, Look&& look) const;
  /// Consumer: sleeps until a frame or close() arrives, at most `timeout_ms`.
  /// True if nudge() was called since the last wait().
  bool wait(int timeout_ms);

  /// Any thread: there is work for the consumer that is no frame; ends its sleep, or the next one.
  void nudge();

  /// Any thread: no more frames will come; wakes the consumer.
  void close();
  bool closed() const { return closed_.load(std::memory_order_acquire); }
  size_t used_bytes() const;
  size_t capacity_bytes() const { return capacity_; }

 private:
  struct FrameHeader {
    uint32_t size;
    uint16_t kind;
    uint16_t type;
  };
  static constexpr uint32_t kWrap = UINT32_MAX;  ///< size of the header that skips to the start
  static size_t padded(size_t bytes) { return (sizeof(FrameHeader) + bytes + 7) & ~size_t{7}; }

  FrameQueue* const waited_for_;
  size_t capacity_;
  char* data_;
  alignas(64) std::atomic<uint64_t> head_{0};  ///< next byte to write
  alignas(64) std::atomic<uint64_t> tail_{0};  ///< next byte to read
  alignas(64) std::atomic<uint32_t> sleeping_{0};
  std::atomic<bool> nudged_{false};
  std::atomic<bool> closed_{false};
};

template <typename Look>
void FrameQueue::peek(size_t max_frames, Look&& look) const {
  uint64_t tail = tail_.load(std::memory_order_relaxed);
  const uint64_t head = head_.load(std::memory_order_acquire);
  for (size_t frames = 0; tail != head && frames < max_frames;) {
    const size_t at = tail & (capacity_ - 1);
    const auto* header = reinterpret_cast<const FrameHeader*>(data_ + at);
    if (header->size == kWrap) {
      tail += capacity_ - at;
      continue;
    }
    look(Frame{static_cast<FrameKind>(header->kind), header->type,
               std::string_view(data_ + at + sizeof(FrameHeader), header->size)});
    tail += padded(header->size);
    frames++;
  }
}

template <typename Consume>
size_t FrameQueue::drain(size_t max_frames, Consume&& consume) {
  uint64_t tail = tail_.load(std::memory_order_relaxed);
  const uint64_t head = head_.load(std::memory_order_acquire);
  size_t frames = 0;
  while (tail != head && frames < max_frames) {
    const size_t at = tail & (capacity_ - 1);
    const auto* header = reinterpret_cast<const FrameHeader*>(data_ + at);
    if (header->size == kWrap) {
      tail += capacity_ - at;
      continue;
    }
    consume(Frame{static_cast<FrameKind>(header->kind), header->type,
                  std::string_view(data_ + at + sizeof(FrameHeader), header->size)});
    tail += padded(header->size);
    frames++;
    // Room is given back now and then, not per frame: the producer's cache line stays quiet.
    if ((frames & 63) == 0) tail_.store(tail, std::memory_order_release);
  }
  tail_.store(tail, std::memory_order_release);
  return frames;
}

}  // namespace auditql
