#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_set>

#include "../health/health_region.h"
#include "file_change.h"

namespace auditql {

/// Bounded queue between the thread that reads inotify and the one that hashes and stores. Changes
/// of content that follow each other while the first still waits are one.
class FileChangeQueue {
 public:
  FileChangeQueue(size_t capacity, HealthRegion& health);

  /// Counts and drops the change when there is no room.
  void push(FileChange change);
  /// The oldest change; nothing when none came within the time, or the queue is closed and empty.
  std::optional<FileChange> pop(int timeout_ms);
  /// Nothing will come any more.
  void close();
  bool is_done();

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<FileChange> changes_;
  std::unordered_set<std::string> updated_;  ///< paths whose last waiting change is `updated`
  bool closed_ = false;
  Counter depth_, merged_, full_;
};

}  // namespace auditql
