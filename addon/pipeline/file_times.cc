#include "file_times.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

namespace auditql {

namespace {

bool is_same_file(const struct statx& file, std::span<const PathItem> items) {
  return std::any_of(items.begin(), items.end(), [&](const PathItem& item) {
    return item.has_inode && item.inode == file.stx_ino &&
           item.device_major == file.stx_dev_major && item.device_minor == file.stx_dev_minor;
  });
}

std::optional<struct statx> look(const char* path) {
  struct statx file {};
  constexpr unsigned kWanted = STATX_INO | STATX_ATIME | STATX_MTIME | STATX_CTIME | STATX_BTIME;
  if (::statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, kWanted, &file) != 0) {
    return std::nullopt;
  }
  return file;
}

}  // namespace

std::optional<FileTimes> executed_file_times(int32_t pid, std::string_view path,
                                             std::span<const PathItem> items) {
  if (items.empty()) return std::nullopt;
  // The link also reaches files in other mount namespaces, while the process lives.
  auto file = look(("/proc/" + std::to_string(pid) + "/exe").c_str());
  if (!file || !is_same_file(*file, items)) file = look(std::string(path).c_str());
  if (!file || !is_same_file(*file, items)) return std::nullopt;
  const auto seconds = [](const statx_timestamp& time) {
    return static_cast<uint64_t>(time.tv_sec);
  };
  FileTimes times{seconds(file->stx_atime), seconds(file->stx_mtime), seconds(file->stx_ctime), {}};
  if ((file->stx_mask & STATX_BTIME) != 0) times.born = seconds(file->stx_btime);
  return times;
}

}  // namespace auditql
