#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "../health/health_region.h"
#include "../identity/process_table.h"
#include "../publish/watched_paths.h"
#include "../store/event_table.h"
#include "event_exclusions.h"
#include "file_call.h"

namespace auditql {

struct FileCallRowsOptions {
  EventTable* table = nullptr;
  HealthRegion* health = nullptr;
  std::string_view backend = "audit";
  uint64_t boot_ns = 0;  ///< wall clock at boot; 0: not this host
  std::function<std::optional<Identity>(int32_t, uint64_t)> find_process;
  const EventExclusions* exclusions = nullptr;
};

/// Stores who touched watched files: process_file_events. Decoding thread, but for set_paths().
class FileCallRows {
 public:
  explicit FileCallRows(FileCallRowsOptions options);

  /// Any thread: files whose use is stored from now on; null for none.
  void set_paths(std::shared_ptr<const WatchedPaths> paths);
  bool wants(const RawEvent& event) const;
  void on_event(const RawEvent& event);

 private:
  std::shared_ptr<const WatchedPaths> paths() const;
  bool is_excluded(const FileCall& call, uint64_t time_ns) const;
  void store(const FileCall& call, const RawEvent& event, const std::string& category);

  const FileCallRowsOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const WatchedPaths> paths_;
  Row row_;
  Counter seen_, other_paths_;
};

}  // namespace auditql
