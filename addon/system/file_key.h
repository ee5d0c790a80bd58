#pragma once

#include <cstddef>
#include <cstdint>

namespace auditql {

/// A file as the kernel's records name it: the device is that of its superblock, which is not on
/// every file system what stat(2) gives (see file_identity()).
struct FileKey {
  uint32_t device_major = 0, device_minor = 0;
  uint64_t inode = 0;
  bool operator==(const FileKey&) const = default;
};

struct FileKeyHash {
  size_t operator()(const FileKey& key) const {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
    const uint64_t device = uint64_t{key.device_major} << 32 | key.device_minor;
    return static_cast<size_t>((key.inode ^ device * kOdd) * kOdd);
  }
};

}  // namespace auditql
