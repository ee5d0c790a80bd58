#include "executed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

namespace auditql {

namespace {

constexpr int kLookOnly = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME | kWantMountId | kHasSubvolume;

bool look(ExecutedFile& file) {
  return ::statx(file.directory, file.reached_by.c_str(), kLookOnly, kWanted, &file.status) == 0;
}

bool leads_to(const ExecutedFile& link, std::string_view path) {
  char target[PATH_MAX];
  const ssize_t length =
      ::readlinkat(link.directory, link.reached_by.c_str(), target, sizeof target);
  return length > 0 && std::string_view(target, static_cast<size_t>(length)) == path;
}

template <typename Time>
int64_t nanoseconds(const Time& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int64_t tick_ns() {
  timespec tick{};
  ::clock_getres(CLOCK_REALTIME_COARSE, &tick);
  return nanoseconds(tick);
}

/// Renaming and removing change ctime alone, and anybody can set mtime.
bool is_written_since(const FileState& file, uint64_t time_ns) {
  // Events have the time in milliseconds; times of files may be finer than the clock's ticks.
  const int64_t latest = static_cast<int64_t>(time_ns) + 1'000'000 + tick_ns();
  return file.mtime_ns > latest && file.ctime_ns > latest;
}

/// Whether the last change of a file was before a time. The time of a change that nobody looks at
/// is that of the clock's last tick before it.
bool is_older(const FileState& file, uint64_t time_ns) {
  return file.ctime_ns + tick_ns() <= static_cast<int64_t>(time_ns);
}

/// A file that may be the executed one; `process`: open directory of one that sees its mount.
struct Candidate {
  const struct statx& status;
  int process;
  std::span<const PathItem> items;

  /// Mounts are asked about only where the inode is one of the event's.
  bool is_named(MountDevices& mounts) const {
    const bool has_inode = std::any_of(items.begin(), items.end(), [&](const PathItem& item) {
      return item.has_inode && item.inode == status.stx_ino;
    });
    return has_inode && auditql::is_named(status, mounts.device_of(process, status), items);
  }
};

/// A child that is gone mostly was in the mount namespace of its parent, and that in ours. Device
/// and inode say whether it is the same file, whichever way leads there.
ExecutedFileSearch find_by_path(const Execution& execution, NotFound why_not,
                                MountDevices& mounts) {
  if (execution.path.empty() || execution.path.front() != '/') return {std::nullopt, why_not};
  const std::string parent = "/proc/" + std::to_string(execution.parent);
  for (const std::string& process : {std::string("/proc/self"), parent}) {
    const std::string root = process == parent ? parent + "/root" : std::string();
    ExecutedFile file{AT_FDCWD, root + std::string(execution.path), false};
    if (!look(file)) continue;
    UniqueFd directory;
    // Almost every file is on a mount that is known.
    if (!mounts.known_device(file.status)) {
      directory.reset(::open(process.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    NotFound seen = NotFound::other_file;
    if (Candidate{file.status, directory.get(), execution.items}.is_named(mounts)) {
      const DeviceNumber device = mounts.device_of(directory.get(), file.status);
      const bool is_unchanged = is_older(file.state(), execution.time_ns);
      const bool is_unique = is_unique_inode(file.status, device);
      if (is_unchanged && is_unique) return {file};
      seen = is_unchanged ? NotFound::shared_inode : NotFound::changed;
    }
    why_not = std::max(why_not, seen);
  }
  return {std::nullopt, why_not};
}

}  // namespace

bool is_settled(const FileState& file) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  const int64_t age_ns = nanoseconds(now) - file.ctime_ns;
  return age_ns > 0 || age_ns <= -tick_ns();
}

FileState file_state(const struct statx& file) {
  return {file.stx_dev_major, file.stx_dev_minor,          file.stx_ino,
          file.stx_size,      nanoseconds(file.stx_mtime), nanoseconds(file.stx_ctime)};
}

bool is_named(const struct statx& file, const DeviceNumber& device,
              std::span<const PathItem> items) {
  return std::any_of(items.begin(), items.end(), [&](const PathItem& item) {
    return item.has_inode && item.inode == file.stx_ino &&
           DeviceNumber{item.device_major, item.device_minor} == device;
  });
}

ExecutedFileSearch find_executed_file(const Execution& execution, MountDevices& mounts) {
  // The link also reaches files in other mount namespaces, while the process lives.
  ExecutedFile file{execution.process, "exe", true};
  const bool lives = execution.process >= 0 && look(file);
  if (execution.items.empty()) {
    if (!lives) return {};
    if (!leads_to(file, execution.path)) return {std::nullopt, NotFound::other_file};
    return {file};
  }
  NotFound why_not = NotFound::gone;
  if (lives) {
    const Candidate found{file.status, execution.process, execution.items};
    if (!found.is_named(mounts)) {
      why_not = NotFound::other_file;
    } else if (is_written_since(file.state(), execution.time_ns)) {
      why_not = NotFound::changed;
    } else {
      return {file};
    }
  }
  return find_by_path(execution, why_not, mounts);
}

UniqueFd hold(const ExecutedFile& file) {
  UniqueFd held(::openat(file.directory, file.reached_by.c_str(), O_PATH | O_CLOEXEC));
  struct statx status {};
  if (!held || ::statx(held.get(), "", kLookOnly | AT_EMPTY_PATH, kWanted, &status) != 0 ||
      file_state(status) != file.state()) {
    return UniqueFd();
  }
  return held;
}

}  // namespace auditql
