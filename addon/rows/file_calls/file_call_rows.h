#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "../../event_sources/watched_paths.h"
#include "../../health/health_region.h"
#include "../../identity/process_table.h"
#include "../../store/event_table.h"
#include "../filters/event_exclusions.h"
#include "file_call.h"
#include "file_locator.h"
#include "watched_tree.h"

namespace auditql {

struct FileCallRowsOptions {
  EventTable* table = nullptr;
  HealthRegion* health = nullptr;
  std::string_view backend = "audit";
  uint64_t boot_ns = 0;  ///< wall clock at boot; 0: not this host
  std::function<std::optional<Identity>(int32_t, uint64_t)> find_process;
  const EventExclusions* exclusions = nullptr;
  LocatorHost host = {};  ///< empty: recorded elsewhere
};

/// Stores who touched watched files: process_file_events. Decoding thread, but for set_paths().
class FileCallRows {
 public:
  explicit FileCallRows(FileCallRowsOptions options);

  /// Any thread: files whose use is stored from now on; null for none.
  void set_paths(std::shared_ptr<const WatchedPaths> paths);
  /// Any thread: what the watched folders hold is to be looked at. The kernel must tell already of
  /// what is changed from now on.
  void look_at_folders();
  /// Any thread: records may be missing that would have told of changes of folders.
  void records_lost() { tree_.records_lost(); }
  /// Whether all of them were looked at.
  bool knows_folders() const { return tree_.is_whole(); }
  bool wants(const RawEvent& event) const;
  void on_event(const RawEvent& event);

 private:
  /// One act of a call as it is told.
  struct Told {
    std::string path, dest_path;
    bool is_proven = true;
  };
  std::shared_ptr<const WatchedPaths> paths() const;
  bool is_excluded(const FileCall& call, uint64_t time_ns) const;
  Told locate(FileAct& act, const FileCall& call, const CallContext& context);
  void learn(const FileCall& call, const FileAct& act, const LocatedFile& file,
             const LocatedFile& dest);
  void learn_move(const FileAct& act, const LocatedFile& file, const LocatedFile& dest);
  void on_act(const FileCall& call, const RawEvent& event, const Told& told,
              const WatchedPaths& watched);
  void store(const FileCall& call, const RawEvent& event, const Told& told,
             const std::string* category);

  const FileCallRowsOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const WatchedPaths> paths_;
  WatchedTree tree_;
  FileLocator locator_;
  Row row_;
  Counter seen_, other_paths_, unresolved_;
};

}  // namespace auditql
