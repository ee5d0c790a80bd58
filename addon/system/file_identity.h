#pragma once

#include <string>

#include "file_key.h"
#include "mount_devices.h"

namespace auditql {

struct FileIdentity {
  FileKey key;
  /// Whether no other file has that key: not where subvolumes count their inodes anew, nor on an
  /// overlay of several file systems.
  bool is_unique = false;
  uint32_t mode = 0;  ///< st_mode
};

enum class FollowLink : bool { no, yes };

/// Whether device and inode of records name one file alone. `device`: of its superblock.
bool is_unique_inode(const struct statx& file, const DeviceNumber& device);

/// The file at a path of this process, as records name it; nothing when it is not there. Reads no
/// remote file system (AT_STATX_DONT_SYNC, statx(2)).
std::optional<FileIdentity> file_identity(const std::string& path, FollowLink follow,
                                          MountDevices& mounts);

}  // namespace auditql
