#include "file_change_queue.h"

#include <chrono>

namespace auditql {

FileChangeQueue::FileChangeQueue(size_t capacity, HealthRegion& health)
    : capacity_(capacity),
      depth_(health.counter({"capture", "file_events", "queue_depth"})),
      merged_(health.counter({"capture", "file_events", "merged"})),
      full_(health.counter({"capture", "file_events", "dropped", "queue_full"})) {}

void FileChangeQueue::push(FileChange change) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_update = change.action == FileAction::updated;
    if (is_update && updated_.contains(change.path)) return merged_.add();
    if (changes_.size() >= capacity_) return full_.add();
    if (is_update) {
      updated_.insert(change.path);
    } else {
      updated_.erase(change.path);
    }
    changes_.push_back(std::move(change));
    depth_.set(changes_.size());
  }
  ready_.notify_one();
}

std::optional<FileChange> FileChangeQueue::pop(int timeout_ms) {
  std::unique_lock lock(mutex_);
  ready_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                  [this] { return closed_ || !changes_.empty(); });
  if (changes_.empty()) return std::nullopt;
  FileChange change = std::move(changes_.front());
  changes_.pop_front();
  if (change.action == FileAction::updated) updated_.erase(change.path);
  depth_.set(changes_.size());
  return change;
}

void FileChangeQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

bool FileChangeQueue::is_done() {
  const std::lock_guard lock(mutex_);
  return closed_ && changes_.empty();
}

}  // namespace auditql
