#include "executed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

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
  return ::statx(AT_FDCWD, file.reached_by.c_str(), kLookOnly, kWanted, &file.status) == 0;
}

bool leads_to(const std::string& link, std::string_view path) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length > 0 && std::string_view(target.data(), static_cast<size_t>(length)) == path;
}

int64_t nanoseconds(const statx_timestamp& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileState file_state(const struct statx& file) {
  return {file.stx_dev_major, file.stx_dev_minor,          file.stx_ino,
          file.stx_size,      nanoseconds(file.stx_mtime), nanoseconds(file.stx_ctime)};
}

std::optional<ExecutedFile> find_executed_file(const Execution& execution) {
  // The link also reaches files in other mount namespaces, while the process lives.
  ExecutedFile file{"/proc/" + std::to_string(execution.pid) + "/exe", true};
  if (execution.items.empty()) {
    const bool runs = look(file) && leads_to(file.reached_by, execution.path);
    return runs ? std::optional(file) : std::nullopt;
  }
  if (look(file) && is_named(file.status, execution.items)) return file;
  if (execution.path.empty() || execution.path.front() != '/') return std::nullopt;
  // The parent mostly is in the mount namespace of a child that is gone.
  const std::string path(execution.path);
  file.by_process = false;
  for (const std::string& root :
       {"/proc/" + std::to_string(execution.parent) + "/root", std::string()}) {
    file.reached_by = root + path;
    if (!look(file) || !is_named(file.status, execution.items)) continue;
    if (file.state().ctime_ns <= static_cast<int64_t>(execution.time_ns)) return file;
  }
  return std::nullopt;
}

UniqueFd hold(const ExecutedFile& file) {
  UniqueFd held(::open(file.reached_by.c_str(), O_PATH | O_CLOEXEC));
  struct statx status {};
  if (!held || ::statx(held.get(), "", kLookOnly | AT_EMPTY_PATH, kWanted, &status) != 0 ||
      file_state(status) != file.state()) {
    return UniqueFd();
  }
  return held;
}

}  // namespace auditql
