#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace auditql {

struct DeviceNumber {
  uint32_t major = 0, minor = 0;
  bool operator==(const DeviceNumber&) const = default;
};

/// STATX_MNT_ID (Linux 5.8) and STATX_SUBVOL (6.10), which older headers lack.
inline constexpr unsigned kWantMountId = 0x1000, kHasSubvolume = 0x8000;

/// Nothing where kWantMountId was not asked for, or the kernel does not tell.
std::optional<uint64_t> mount_id(const struct statx& file);
DeviceNumber stat_device(const struct statx& file);

/// The device of a mount's superblock by the text of /proc/PID/mountinfo (proc_pid_mountinfo(5),
/// third field); nothing when no line is of that mount.
std::optional<DeviceNumber> mount_device(std::string_view mountinfo, uint64_t mount_id);

/// Superblocks of files. The kernel's records name a file by its superblock's device; stat(2) gives
/// another on Btrfs, for each subvolume (btrfs_getattr()), and on an overlay of several file
/// systems (Documentation/filesystems/overlayfs.rst, "Inode properties"). One thread.
class MountDevices {
 public:
  /// `process`: open directory of a process in /proc that sees the file's mount. The device of
  /// stat(2) where the mount is not told.
  DeviceNumber device_of(int process, const struct statx& file);
  /// The same where it is known without a look at the mounts of a process.
  std::optional<DeviceNumber> known_device(const struct statx& file) const;

 private:
  struct Known {
    DeviceNumber stat, mount;
  };
  std::unordered_map<uint64_t, Known> known_;
};

}  // namespace auditql
