#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "result.h"
#include "unique_fd.h"

namespace auditql {

/// A thread that sleeps in poll(2) and can be woken. start() and stop() are called by one
/// controlling thread, wake() by any thread in between, the rest by the thread itself.
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
  /// Sleeps until `fd` is readable, wake() or stop() is called, or the time is up: then false.
  /// `fd` -1: none; `timeout_ms` -1: no timeout.
  bool wait(int fd, int timeout_ms);

 private:
  UniqueFd wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace auditql
