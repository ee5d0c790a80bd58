#pragma once

#include <atomic>
#include <cstddef>

namespace auditql {

/// Keeps a file that somebody truncates, or a disk that fails, from killing the process: touching a
/// mapped page behind the end of its file raises SIGBUS (mmap(2)). Inside a watched mapping the
/// handler puts zero pages in its place and sets the mapping's flag; any other SIGBUS goes where it
/// went before.
class BusErrorGuard {
 public:
  /// Watches a mapping until forget(). False when all slots are taken. Any thread.
  static bool watch(void* address, size_t bytes, std::atomic<bool>* damaged);
  /// To be called before the mapping goes. Any thread.
  static void forget(void* address);
};

}  // namespace auditql
