#include "file_watcher.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "../system/clocks.h"

namespace auditql {

namespace {

/// Each takes about a kilobyte of kernel memory that is never swapped.
constexpr size_t kMaxWatches = 500'000;
/// Events that are read while a long walk keeps them from being handled; then the kernel's queue
/// (fs.inotify.max_queued_events) fills.
constexpr size_t kMaxWaiting = 200'000;
constexpr int kWatcherPauseMs = 1000;
/// Nothing is to be done before the next event.
constexpr int kWatcherIdleMs = 60'000;
/// Reads before a look at whether to stop: a storm must not keep us from ending.
constexpr int kRoundsPerTurn = 256;
/// A storm that overflows the queue again and again must not keep us walking.
constexpr uint64_t kWalkPauseNs = 5'000'000'000;
/// ctime has the granularity of the kernel's tick.
constexpr uint64_t kTickNs = 20'000'000;

std::optional<FileAction> action_of(uint32_t mask) {
  if ((mask & IN_CREATE) != 0) return FileAction::created;
  if ((mask & (IN_MODIFY | IN_CLOSE_WRITE)) != 0) return FileAction::updated;
  if ((mask & IN_DELETE) != 0) return FileAction::deleted;
  if ((mask & IN_MOVED_FROM) != 0) return FileAction::moved_from;
  if ((mask & IN_MOVED_TO) != 0) return FileAction::moved_to;
  if ((mask & IN_ATTRIB) != 0) return FileAction::attributes_modified;
  if ((mask & IN_ACCESS) != 0) return FileAction::accessed;
  if ((mask & IN_OPEN) != 0) return FileAction::opened;
  return std::nullopt;
}

/// Whether the inode changed at or after `since_ns`.
bool changed_since(const std::string& path, uint64_t since_ns) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  const auto seconds = static_cast<uint64_t>(info.st_ctim.tv_sec);
  return seconds * 1'000'000'000 + static_cast<uint64_t>(info.st_ctim.tv_nsec) >= since_ns;
}

}  // namespace

FileWatcher::FileWatcher(FileChangeQueue& changes, HealthRegion& health)
    : changes_(changes),
      health_(health),
      seen_(health.counter({"capture", "file_events", "seen"})),
      overflows_(health.counter({"capture", "file_events", "dropped", "overflow"})),
      scans_(health.counter({"capture", "file_events", "scans"})),
      read_errors_(health.counter({"capture", "file_events", "read_errors"})) {}

Status FileWatcher::start(std::shared_ptr<const WatchedPaths> paths) {
  inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify_) return Error::from_errno("capture_start_failed", "inotify_init1");
  InotifyTree::Options options;
  options.fd = inotify_.get();
  options.max_watches = kMaxWatches;
  options.pause = [this] { (void)read_events(); };
  tree_ = std::make_unique<InotifyTree>(std::move(options), health_);
  next_paths_ = std::move(paths);
  whole_until_ns_ = wall_clock_ns();
  return thread_.start("aq-files", [this] { run(); });
}

void FileWatcher::set_paths(std::shared_ptr<const WatchedPaths> paths) {
  {
    const std::lock_guard lock(mutex_);
    next_paths_ = std::move(paths);
  }
  thread_.wake();
}

void FileWatcher::stop() { thread_.stop(); }

bool FileWatcher::take_new_paths() {
  const std::lock_guard lock(mutex_);
  if (next_paths_ == nullptr) return false;
  paths_ = std::move(next_paths_);
  next_paths_ = nullptr;
  return true;
}

void FileWatcher::run() {
  while (true) {
    // Order matters: what was queued before stop() is read by the look behind this one.
    const bool is_last = thread_.is_stopping();
    if (take_new_paths()) {
      tree_->set_paths(paths_);
      tree_->cover_all(nullptr);
      scans_.add();
    }
    for (int round = 0; round < kRoundsPerTurn && read_and_handle(); round++) {
    }
    settle_move();
    if (is_last) return;
    if (walk_due_ns_ && monotonic_ns() >= *walk_due_ns_) walk_again(wall_clock_ns());
    const bool is_idle = !walk_due_ns_ && waiting_.empty();
    thread_.wait(inotify_.get(), is_idle ? kWatcherIdleMs : kWatcherPauseMs);
  }
}

/// False when there was nothing. Only then is it known that the kernel had dropped nothing before.
bool FileWatcher::read_and_handle() {
  const uint64_t start_ns = wall_clock_ns();
  if (!read_events() && waiting_.empty()) {
    if (!walk_due_ns_) whole_until_ns_ = start_ns;
    return false;
  }
  handle_waiting();
  return true;
}

bool FileWatcher::read_events() {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;
  if (waiting_.size() >= kMaxWaiting) return false;
  const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
  if (size <= 0) {
    if (size < 0 && errno != EAGAIN && errno != EINTR) read_errors_.add();
    return false;
  }
  const uint64_t now_ns = wall_clock_ns();
  const auto end = static_cast<size_t>(size);
  for (size_t at = 0; at + sizeof(inotify_event) <= end;) {
    inotify_event head;
    std::memcpy(&head, buffer.data() + at, sizeof head);
    const char* name = buffer.data() + at + sizeof head;
    // The name is padded with NUL bytes (inotify(7)).
    waiting_.push_back(
        {head.wd, head.mask, head.cookie, std::string(name, ::strnlen(name, head.len)), now_ns});
    at += sizeof head + head.len;
    read_++;
  }
  return true;
}

void FileWatcher::handle_waiting() {
  while (!waiting_.empty()) {
    const Event event = std::move(waiting_.front());
    waiting_.pop_front();
    handle(event);
    if (++handled_ >= announced_until_) announced_.clear();
  }
}

void FileWatcher::handle(const Event& event) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return on_overflow();
  const bool continues_move = move_ && (event.mask & IN_MOVED_TO) != 0 &&
                              (event.mask & IN_ISDIR) != 0 && event.cookie == move_->cookie;
  if (!continues_move) settle_move();
  if ((event.mask & IN_IGNORED) != 0) return tree_->on_ignored(event.watch);
  const std::string* folder = tree_->path_of(event.watch);
  // Without a name it is about the watched folder, of which its parent tells too.
  if (folder == nullptr || event.name.empty()) return;
  const std::string path = (*folder == "/" ? "" : *folder) + "/" + event.name;
  const auto action = action_of(event.mask);
  if (!action) return;
  if (*action == FileAction::created && announced_.erase(path) > 0) return;
  report(path, *action, event);
  if ((event.mask & IN_ISDIR) != 0) on_folder(event, path);
}

/// Folders that come may hold files already, which no event will tell.
void FileWatcher::on_folder(const Event& event, const std::string& path) {
  if ((event.mask & IN_MOVED_FROM) != 0) {
    // Of another folder nobody has told what is in it.
    if (tree_->has_content(path)) {
      move_ = Move{event.cookie, path};
    } else {
      tree_->forget(path);
    }
  } else if ((event.mask & IN_MOVED_TO) != 0 && move_) {
    const std::string from = std::exchange(move_, std::nullopt)->from;
    tree_->rename(from, path);
    tree_->cover(path, [&](const InotifyTree::Entry& entry) {
      const std::string before = from + entry.path.substr(path.size());
      if (!is_in_same_categories(before, entry.path)) {
        announce(entry.path, FileAction::moved_to, event);
      }
    });
  } else if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
    const bool is_new = (event.mask & IN_CREATE) != 0;
    const FileAction action = is_new ? FileAction::created : FileAction::moved_to;
    tree_->cover(path,
                 [&](const InotifyTree::Entry& entry) { announce(entry.path, action, event); });
    while (read_events()) {
    }
    announced_until_ = read_;
  }
}

void FileWatcher::announce(const std::string& path, FileAction action, const Event& event) {
  if (paths_->categories_of(path).empty()) return;
  if (action == FileAction::created && !announced_.insert(path).second) return;
  report(path, action, event);
}

/// A folder that was moved to where nobody watches.
void FileWatcher::settle_move() {
  if (!move_) return;
  tree_->forget(move_->from);
  move_.reset();
}

void FileWatcher::on_overflow() {
  overflows_.add();
  settle_move();
  if (walk_due_ns_) return;
  lost_since_ns_ = whole_until_ns_;
  const bool is_first = overflows_.get() == 1;
  walk_due_ns_ = monotonic_ns() + (is_first ? 0 : kWalkPauseNs);
}

/// After an overflow: new folders are watched, and their files, as those whose inode changed since
/// nothing was missed for the last time, are reported as updated. (A folder that is moved brings
/// files that did not change.) What was deleted meanwhile stays untold.
void FileWatcher::walk_again(uint64_t now_ns) {
  walk_due_ns_.reset();
  const uint64_t since_ns = lost_since_ns_ - std::min(lost_since_ns_, kTickNs);
  const Event cause{0, 0, 0, {}, now_ns};
  tree_->forget_missing();
  tree_->cover_all([&](const InotifyTree::Entry& entry) {
    if (entry.is_folder || paths_->categories_of(entry.path).empty()) return;
    const bool is_untold = entry.in_new_folder || changed_since(entry.path, since_ns);
    if (is_untold) report(entry.path, FileAction::updated, cause);
  });
  scans_.add();
}

/// What a folder brings along has other names as well, though no event tells of each.
bool FileWatcher::is_in_same_categories(const std::string& path, const std::string& other) const {
  const auto names = [&](const std::string& each) {
    std::vector<std::string_view> found;
    for (const WatchedPaths::Match& match : paths_->categories_of(each)) {
      found.push_back(*match.category);
    }
    return found;
  };
  return names(path) == names(other);
}

void FileWatcher::report(const std::string& path, FileAction action, const Event& event) {
  const auto categories = paths_->categories_of(path);
  // A folder is watched for accesses as soon as one of its files is.
  const bool is_access = action == FileAction::accessed || action == FileAction::opened;
  const bool is_wanted = std::any_of(
      categories.begin(), categories.end(),
      [&](const WatchedPaths::Match& each) { return !is_access || each.with_accesses; });
  if (!is_wanted) return;
  seen_.add();
  changes_.push({path, action, event.cookie, event.time_ns});
}

}  // namespace auditql
