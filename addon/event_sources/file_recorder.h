#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../health/health_region.h"
#include "../store/event_table.h"
#include "../system/stoppable_thread.h"
#include "../tables/yara_rules.h"
#include "file_change_queue.h"
#include "watched_paths.h"

namespace auditql {

/// YARA rules for the files of one category.
struct CategoryRules {
  std::string category;
  std::vector<std::shared_ptr<YaraRules>> rules;
};

/// What to do with changes.
struct RecordingPlan {
  std::shared_ptr<const WatchedPaths> paths;
  std::vector<CategoryRules> yara;
  uint64_t max_hash_bytes = 0;  ///< larger files are not hashed
};

/// The thread that takes changes, looks at the files, hashes and scans them, and stores the rows of
/// file_events and yara_events: their one writer.
class FileRecorder {
 public:
  struct Tables {
    EventTable* file_events;
    EventTable* yara_events;
  };
  FileRecorder(FileChangeQueue& changes, Tables tables, HealthRegion& health);
  ~FileRecorder() { stop(); }

  Status start(std::shared_ptr<const RecordingPlan> plan);
  /// Any thread: holds for the next change.
  void set_plan(std::shared_ptr<const RecordingPlan> plan);
  /// The queue must be closed. Stores what is in it; after two seconds without hashes.
  void stop();

 private:
  struct Look;  ///< what is known of a file, filled in as it is needed

  void run();
  std::shared_ptr<const RecordingPlan> plan();
  void record(const FileChange& change, const RecordingPlan& plan);
  static std::vector<const CategoryRules*> rules_for(
      const std::vector<WatchedPaths::Match>& categories, const RecordingPlan& plan);
  void hash(const std::string& path, Look& look, const RecordingPlan& plan);
  void store_change(const FileChange& change, const std::string& category, const Look& look);
  void scan(const FileChange& change, const CategoryRules& rules, const Look& look);

  FileChangeQueue& changes_;
  Tables tables_;
  std::mutex mutex_;
  std::shared_ptr<const RecordingPlan> plan_;
  std::atomic<uint64_t> hash_until_ns_{UINT64_MAX};  ///< CLOCK_MONOTONIC
  StoppableThread thread_;
  Row row_;
  Counter hashed_, too_big_, unreadable_, skipped_, scan_failed_, lag_;
};

}  // namespace auditql
