#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "../../decode/kernel_record.h"
#include "../../system/stoppable_thread.h"
#include "../../system/unique_fd.h"
#include "libbpf.h"

namespace auditql {

/// Empties the ring of the eBPF programs from a thread of its own, which sleeps while nothing
/// happens: the first record wakes it, and it lets others come before it reads.
class RingReader {
 public:
  using OnRecord = std::function<void(std::string_view)>;
  struct Steps {
    /// Each record, as long as its call lasts.
    OnRecord on_record;
    /// After the ring was emptied, at most once in a gathering time.
    std::function<void()> on_empty;
    /// Each time that a period is over.
    std::function<void()> on_period;
  };
  /// `ring_fd` stays the caller's and outlives this.
  RingReader(const Libbpf& libbpf, int ring_fd, int gather_ms, int period_ms, Steps steps);

  /// Errors: capture_start_failed.
  Status start();
  /// Reads what is in the ring, and ends the thread. Idempotent.
  void stop() { thread_.stop(); }

 private:
  static int on_sample(void* self, void* bytes, size_t size);
  void run();
  void wait(int timeout_ms);
  int run_period(uint64_t* next_ns) const;

  const Libbpf& libbpf_;
  const int ring_fd_;
  const int gather_ms_;
  const int period_ms_;
  const Steps steps_;
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring_{nullptr, nullptr};
  UniqueFd edges_;  ///< epoll(7) of the ring: readable once for each time that programs wake us
  StoppableThread thread_;
};

}  // namespace auditql
