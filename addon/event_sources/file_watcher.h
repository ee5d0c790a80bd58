#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "../health/health_region.h"
#include "../system/stoppable_thread.h"
#include "../system/unique_fd.h"
#include "file_change_queue.h"
#include "inotify_tree.h"

namespace auditql {

/// The thread that reads inotify(7) and follows folders as they come, move and go.
class FileWatcher {
 public:
  FileWatcher(FileChangeQueue& changes, HealthRegion& health);

  Status start(std::shared_ptr<const WatchedPaths> paths);
  /// Any thread: watches these from now on.
  void set_paths(std::shared_ptr<const WatchedPaths> paths);
  /// Hands on what the kernel still has and ends the thread. Idempotent.
  void stop();

 private:
  struct Event {
    int watch;
    uint32_t mask, cookie;
    std::string name;
    uint64_t time_ns;
  };
  struct Move {
    uint32_t cookie;
    std::string from;
  };

  void run();
  bool take_new_paths();
  bool read_and_handle();
  /// Moves what the kernel has into `waiting_`; false when it had nothing.
  bool read_events();
  void handle_waiting();
  void handle(const Event& event);
  void on_folder(const Event& event, const std::string& path);
  void settle_move();
  void on_overflow();
  void walk_again(uint64_t now_ns);
  void announce(const std::string& path, FileAction action, const Event& event);
  bool is_in_same_categories(const std::string& path, const std::string& other) const;
  void report(const std::string& path, FileAction action, const Event& event);

  FileChangeQueue& changes_;
  UniqueFd inotify_;
  std::unique_ptr<InotifyTree> tree_;
  HealthRegion& health_;
  StoppableThread thread_;

  std::mutex mutex_;
  std::shared_ptr<const WatchedPaths> next_paths_;

  std::shared_ptr<const WatchedPaths> paths_;
  std::deque<Event> waiting_;
  uint64_t read_ = 0, handled_ = 0;  ///< events, since the start
  /// Paths that were found and reported before the event of their creation could be read. They are
  /// forgotten once everything that was queued when they were found has been handled.
  std::set<std::string> announced_;
  uint64_t announced_until_ = 0;
  std::optional<Move> move_;     ///< a folder was moved; where to, the next event may tell
  uint64_t whole_until_ns_ = 0;  ///< nothing was dropped before
  std::optional<uint64_t> walk_due_ns_;
  uint64_t lost_since_ns_ = 0;
  Counter seen_, overflows_, scans_, read_errors_;
};

}  // namespace auditql
