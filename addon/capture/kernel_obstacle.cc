#include "kernel_obstacle.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "../system/file_identity.h"
#include "../system/unique_fd.h"

namespace auditql {

namespace {

/// Of fs/bcachefs, which older headers lack.
constexpr long kBcachefsMagic = 0xca451a4e;

/// Kernels before 5.8 do not tell the mount, by which other such file systems are known.
bool has_subvolumes(const std::string& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return true;
  return info.f_type == BTRFS_SUPER_MAGIC || info.f_type == kBcachefsMagic;
}

bool inodes_repeat(const std::string& path, const struct statx& file) {
  const UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  MountDevices mounts;
  return has_subvolumes(path) || !is_unique_inode(file, mounts.device_of(self.get(), file));
}

}  // namespace

std::string_view kernel_obstacle(const std::string& program) {
  constexpr unsigned kWanted = STATX_BASIC_STATS | kWantMountId | kHasSubvolume;
  struct statx file {};
  if (::statx(AT_FDCWD, program.c_str(), AT_SYMLINK_NOFOLLOW, kWanted, &file) != 0) {
    return "missing";
  }
  char real[PATH_MAX];
  if (::realpath(program.c_str(), real) == nullptr || program != real) return "link";
  if (!S_ISREG(file.stx_mode)) return "not_regular";
  if (file.stx_nlink != 1) return "several_names";
  return inodes_repeat(program, file) ? "inodes_repeat" : "";
}

std::string_view obstacle_text(std::string_view obstacle) {
  if (obstacle == "link") return "is reached through a symbolic link";
  if (obstacle == "not_regular") return "is not a regular file";
  if (obstacle == "several_names") return "has several names (hard links)";
  if (obstacle == "inodes_repeat") return "is on a file system where inode numbers repeat";
  return {};
}

}  // namespace auditql
