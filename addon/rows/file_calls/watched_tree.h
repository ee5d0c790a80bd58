#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "../../event_sources/watched_paths.h"
#include "known_files.h"

namespace auditql {

/// Knows the watched folders and the files in them: a thread of its own walks them, at first, after
/// losses and where a folder was moved in. Any thread.
class WatchedTree {
 public:
  explicit WatchedTree(HealthRegion& health) : known_({}, health) {}
  ~WatchedTree();

  /// Walks what these are about, again after each call. Null: nothing any more.
  void watch(std::shared_ptr<const WatchedPaths> paths);
  /// A folder was moved in, with what is below it.
  void walk_below(const std::string& folder);
  /// Records were lost that may have told of changes.
  void records_lost();

  /// Whether all is known, as far as records tell.
  bool is_whole() const;
  KnownFiles& known() { return known_; }

 private:
  struct Folder {
    std::string path;
    FilePlace place;
    bool is_root = false;
  };
  void request(const std::string& folder);
  void run();
  void walk(const std::string& start, const WatchedPaths& paths);
  void look_into(const Folder& folder, const WatchedPaths& paths, std::deque<Folder>& next);
  void list(const std::string& path, const FileIdentity& identity, bool with_files,
            std::deque<Folder>& next);

  KnownFiles known_;
  MountDevices mounts_;  ///< of the walking thread

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const WatchedPaths> paths_;
  std::deque<std::string> requests_;  ///< folders to walk below; `/` for everything
  bool is_walking_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace auditql
