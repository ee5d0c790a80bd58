#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "../health/health_region.h"
#include "../system/unique_fd.h"
#include "watched_paths.h"

namespace auditql {

/// The folders that inotify(7) watches, and their paths. Watches follow the inode, so the tree
/// forgets what was moved away and is given what came. One thread.
class InotifyTree {
 public:
  struct Entry {
    std::string path;
    bool is_folder;
    bool in_new_folder;  ///< its folder was not watched before, under this path
  };
  /// Called for each entry that was found in a folder.
  using Found = std::function<void(const Entry& entry)>;
  struct Options {
    int fd = -1;  ///< of inotify_init1(2); not owned
    size_t max_watches = 0;
    std::function<void()> pause;  ///< called now and then during long walks
  };
  InotifyTree(Options options, HealthRegion& health);

  void set_paths(std::shared_ptr<const WatchedPaths> paths) { paths_ = std::move(paths); }

  /// Watches the folder and all below it that matter, and reports what is in them. A watch is set
  /// before its folder is listed: what comes later is an event, what was there is found.
  void cover(const std::string& folder, const Found& found);
  /// Walks everything anew; watches that are of no use any more are taken back.
  void cover_all(const Found& found);
  /// Takes back watches whose folder is not at its path any more, which no event has reported.
  void forget_missing();
  /// The folder and all below it have another path now; what does not matter there is let go.
  void rename(const std::string& from, const std::string& to);
  /// The folder is not there any more, under this path.
  void forget(const std::string& folder);
  /// The kernel has taken the watch back (IN_IGNORED).
  void on_ignored(int watch);
  /// Whether the folder is watched for the files in it.
  bool has_content(const std::string& folder) const;
  /// Path of the folder; null when the watch is not ours any more.
  const std::string* path_of(int watch) const;
  size_t size() const { return by_watch_.size(); }

 private:
  enum class Watched { no, as_before, newly };
  Watched watch(const std::string& folder);
  struct Listed {
    const std::string& path;
    bool is_new;
  };
  void list(const Listed& folder, const Found& found, std::vector<std::string>& folders);
  void remove(int watch);
  std::vector<int> watches_of(const std::string& folder) const;

  Options options_;
  std::shared_ptr<const WatchedPaths> paths_;
  std::unordered_map<int, std::string> by_watch_;
  std::map<std::string, int> by_path_;
  uint64_t listed_ = 0;
  Counter watches_, watch_limit_, watch_errors_;
};

}  // namespace auditql
