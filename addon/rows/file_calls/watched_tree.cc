#include "watched_tree.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "../../event_sources/pseudo_file_system.h"
#include "../../system/clocks.h"
#include "path_text.h"

namespace auditql {

namespace {

constexpr const char* kEverything = "/";
/// More folders than that are not walked one by one: everything is.
constexpr size_t kMaxRequests = 64;
/// Losses come in storms.
constexpr auto kPauseBetweenWalks = std::chrono::seconds(1);
constexpr int kNice = 10;

}  // namespace

WatchedTree::~WatchedTree() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    paths_ = nullptr;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WatchedTree::watch(std::shared_ptr<const WatchedPaths> paths) {
  {
    const std::lock_guard lock(mutex_);
    paths_ = std::move(paths);
    if (paths_ == nullptr) return;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  request(kEverything);
}

void WatchedTree::walk_below(const std::string& folder) { request(folder); }

void WatchedTree::records_lost() { request(kEverything); }

void WatchedTree::request(const std::string& folder) {
  {
    const std::lock_guard lock(mutex_);
    if (paths_ == nullptr) return;
    const bool is_all = folder == kEverything || requests_.size() >= kMaxRequests;
    if (is_all) requests_.assign(1, kEverything);
    const bool is_covered = !requests_.empty() && requests_.front() == kEverything;
    if (!is_covered) requests_.push_back(folder);
  }
  changed_.notify_all();
}

bool WatchedTree::is_whole() const {
  const std::lock_guard lock(mutex_);
  return paths_ != nullptr && requests_.empty() && !is_walking_;
}

void WatchedTree::run() {
  ::pthread_setname_np(::pthread_self(), "aq-file-tree");
  // On Linux a thread has a nice value of its own (setpriority(2)).
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
    if (stopping_) return;
    const std::string start = std::move(requests_.front());
    requests_.pop_front();
    const auto paths = paths_;
    is_walking_ = true;
    lock.unlock();
    if (paths != nullptr) walk(start, *paths);
    lock.lock();
    is_walking_ = false;
    if (start == kEverything) {
      changed_.wait_for(lock, kPauseBetweenWalks, [this] { return stopping_; });
    }
  }
}

void WatchedTree::walk(const std::string& start, const WatchedPaths& paths) {
  std::deque<Folder> waiting;
  const bool is_all = start == kEverything;
  if (is_all) {
    known_.begin_walk();
    waiting.push_back({start, {}, true});
  } else {
    const std::string above = normalised_path(folder_text(start));
    const auto holder = file_identity(above, FollowLink::no, mounts_);
    if (!holder) return;
    waiting.push_back({start, {holder->key, std::string(last_name(start))}, false});
  }
  while (!waiting.empty()) {
    const Folder next = std::move(waiting.back());
    waiting.pop_back();
    look_into(next, paths, waiting);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
  if (is_all) known_.end_walk();
}

void WatchedTree::look_into(const Folder& folder, const WatchedPaths& paths,
                            std::deque<Folder>& next) {
  const WatchedPaths::Interest interest = paths.interest(folder.path);
  if (!interest.folders || is_pseudo_file_system(folder.path)) return;
  const uint64_t now_ns = wall_clock_ns();
  const auto identity = file_identity(folder.path, FollowLink::no, mounts_);
  if (!identity || !S_ISDIR(identity->mode)) return;
  if (folder.is_root) {
    known_.found_root(*identity);
  } else {
    known_.found(*identity, folder.place, now_ns);
  }
  list(folder.path, *identity, interest.content, next);
}

/// The number of a file in its folder is that of its inode, but for what is mounted over it, which
/// then is not known.
void WatchedTree::list(const std::string& path, const FileIdentity& identity, bool with_files,
                       std::deque<Folder>& next) {
  const uint64_t now_ns = wall_clock_ns();
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), ::closedir);
  while (const dirent* entry = stream != nullptr ? ::readdir(stream.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const FilePlace place{identity.key, name};
    // Of an unknown kind: a look tells.
    if (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) {
      next.push_back({path_in(path, name), place, false});
    } else if (with_files) {
      FileIdentity file = identity;
      file.key.inode = entry->d_ino;
      file.mode = DTTOIF(entry->d_type);
      known_.found(file, place, now_ns);
    }
  }
}

}  // namespace auditql
