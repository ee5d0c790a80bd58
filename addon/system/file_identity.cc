#include "file_identity.h"

#include <fcntl.h>
#include <unistd.h>

#include "unique_fd.h"

namespace auditql {

bool is_unique_inode(const struct statx& file, const DeviceNumber& device) {
  return stat_device(file) == device && (file.stx_mask & kHasSubvolume) == 0;
}

std::optional<FileIdentity> file_identity(const std::string& path, FollowLink follow,
                                          MountDevices& mounts) {
  constexpr unsigned kWanted = STATX_TYPE | STATX_MODE | STATX_INO | kWantMountId | kHasSubvolume;
  const int link = follow == FollowLink::yes ? 0 : AT_SYMLINK_NOFOLLOW;
  struct statx file {};
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | link, kWanted,
              &file) != 0) {
    return std::nullopt;
  }
  static const UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const DeviceNumber device = mounts.device_of(self.get(), file);
  return FileIdentity{
      {device.major, device.minor, file.stx_ino}, is_unique_inode(file, device), file.stx_mode};
}

}  // namespace auditql
