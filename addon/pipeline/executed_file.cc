#include "executed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

namespace auditql {

namespace {

constexpr int kLookOnly = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME;

bool is_named(const struct statx& file, std::span<const PathItem> items) {
  return std::any_of(items.begin(), items.end(), [&](const PathItem& item) {
    return item.has_inode && item.inode == file.stx_ino &&
           item.device_major == file.stx_dev_major && item.device_minor == file.stx_dev_minor;
  });
}

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

std::optional<ExecutedFile> find_executed_file(const Execution& execution) {
  // The link also reaches files in other mount namespaces, while the process lives.
  ExecutedFile file{execution.process, "exe", true};
  const bool lives = execution.process >= 0;
  if (execution.items.empty()) {
    const bool runs = lives && look(file) && leads_to(file, execution.path);
    return runs ? std::optional(file) : std::nullopt;
  }
  if (lives && look(file) && is_named(file.status, execution.items) &&
      !is_written_since(file.state(), execution.time_ns)) {
    return file;
  }
  if (execution.path.empty() || execution.path.front() != '/') return std::nullopt;
  // A child that is gone mostly was in the mount namespace of its parent, and that in ours. Device
  // and inode say whether it is the same file, whichever way leads there.
  const std::string path(execution.path);
  file = {AT_FDCWD, path, false};
  for (const std::string& root :
       {std::string(), "/proc/" + std::to_string(execution.parent) + "/root"}) {
    file.reached_by = root + path;
    if (!look(file) || !is_named(file.status, execution.items)) continue;
    if (file.state().ctime_ns <= static_cast<int64_t>(execution.time_ns)) return file;
  }
  return std::nullopt;
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
