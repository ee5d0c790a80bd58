#include "frame_queue.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <ctime>
#include <new>

namespace auditql {

namespace {

/// What an empty queue may have touched before it starts over.
constexpr size_t kKeptBytes = size_t{512} << 10;

}  // namespace

FrameQueue::FrameQueue(size_t capacity_bytes, FrameQueue* waited_for)
    : waited_for_(waited_for), capacity_(std::bit_ceil(capacity_bytes)) {
  void* at = ::mmap(nullptr, capacity_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<char*>(at);
}

FrameQueue::~FrameQueue() { ::munmap(data_, capacity_); }

bool FrameQueue::push(FrameKind kind, uint16_t type, std::string_view bytes) {
  uint64_t head = head_.load(std::memory_order_relaxed);
  const uint64_t tail = tail_.load(std::memory_order_acquire);
  const size_t need = padded(bytes.size());
  const size_t at = head & (capacity_ - 1);
  const size_t to_end = capacity_ - at;
  // An empty queue goes on at its start: those pages are in memory and in the caches.
  const bool starts_over = head == tail && at >= kKeptBytes && need <= at;
  const size_t skip = need > to_end || starts_over ? to_end : 0;
  if (need + skip > capacity_ - (head - tail)) return false;
  if (skip != 0) {
    // The header always fits: frames are padded to its size.
    const FrameHeader wrap{kWrap, 0, 0};
    std::memcpy(data_ + at, &wrap, sizeof wrap);
    head += skip;
  }
  char* to = data_ + (head & (capacity_ - 1));
  const FrameHeader header{static_cast<uint32_t>(bytes.size()), static_cast<uint16_t>(kind), type};
  std::memcpy(to, &header, sizeof header);
  std::memcpy(to + sizeof header, bytes.data(), bytes.size());
  head_.store(head + need, std::memory_order_release);
  return true;
}

void FrameQueue::notify() {
  if (waited_for_ != nullptr) return waited_for_->nudge();
  // Sequentially consistent against wait(): either the sleeper sees the frame or we see the
  // sleeper.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (sleeping_.load(std::memory_order_relaxed) != 0) {
    sleeping_.store(0, std::memory_order_relaxed);
    ::syscall(SYS_futex, &sleeping_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
}

bool FrameQueue::wait(int timeout_ms) {
  sleeping_.store(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (used_bytes() == 0 && !nudged_.load(std::memory_order_relaxed) && !closed()) {
    const timespec timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
    ::syscall(SYS_futex, &sleeping_, FUTEX_WAIT_PRIVATE, 1, &timeout, nullptr, 0);
  }
  sleeping_.store(0, std::memory_order_relaxed);
  return nudged_.exchange(false, std::memory_order_acq_rel);
}

void FrameQueue::nudge() {
  nudged_.store(true, std::memory_order_release);
  notify();
}

void FrameQueue::close() {
  closed_.store(true, std::memory_order_release);
  notify();
}

size_t FrameQueue::used_bytes() const {
  return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_acquire);
}

}  // namespace auditql
