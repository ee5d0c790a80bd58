#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "result.h"
#include "unique_fd.h"

namespace auditql {

/// A thread that sleeps in poll(2) and can be woken. start(), wake() and stop() are called by one
/// controlling thread, the rest by the thread itself.
class StoppableThread {
 public:
  StoppableThread() = default;
  ~StoppableThread() { stop(); }
  StoppableThread(const StoppableThread&) = delete;
  StoppableThread& operator=(const StoppableThread&) = delete;

  /// `name` has at most 15 bytes (pthread_setname_np(3)).
  Status start(const char* name, std::function<void()> run);
  void wake();
  /// Asks the thread to end and waits until it has. Idempotent.
  void stop();
  bool is_running() const { return thread_.joinable(); }

  bool is_stopping() const { return stopping_; }
  /// Sleeps until `fd` has something, somebody wakes the thread, or the time is up. `fd` -1: none.
  void wait(int fd, int timeout_ms);

 private:
  UniqueFd wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace auditql
