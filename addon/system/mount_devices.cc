#include "mount_devices.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>

#include "unique_fd.h"

namespace auditql {

namespace {

/// stx_mnt_id in the kernel's struct statx; the headers of Linux before 5.8 call it spare.
constexpr size_t kMountIdOffset = 144;
/// Ids of mounts are used again: mounts that came and went must not fill the memory.
constexpr size_t kMaxKnown = 4096;

std::string read_mountinfo(int process) {
  const UniqueFd file(::openat(process, "mountinfo", O_RDONLY | O_CLOEXEC));
  std::string text;
  char block[16 * 1024];
  for (ssize_t got; file && (got = ::read(file.get(), block, sizeof block)) > 0;) {
    text.append(block, static_cast<size_t>(got));
  }
  return text;
}

/// The number in front of `end`, which is taken off as well.
template <typename Number>
bool take_number(std::string_view& text, Number& number, char end) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto length = static_cast<size_t>(read.ptr - text.data());
  if (read.ec != std::errc{} || length >= text.size() || text[length] != end) return false;
  text.remove_prefix(length + 1);
  return true;
}

}  // namespace

std::optional<uint64_t> mount_id(const struct statx& file) {
  static_assert(sizeof(struct statx) >= kMountIdOffset + sizeof(uint64_t));
  if ((file.stx_mask & kWantMountId) == 0) return std::nullopt;
  uint64_t id = 0;
  std::memcpy(&id, reinterpret_cast<const char*>(&file) + kMountIdOffset, sizeof id);
  return id;
}

DeviceNumber stat_device(const struct statx& file) {
  return {file.stx_dev_major, file.stx_dev_minor};
}

std::optional<DeviceNumber> mount_device(std::string_view mountinfo, uint64_t mount_id) {
  while (!mountinfo.empty()) {
    std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    uint64_t id = 0, parent = 0;
    DeviceNumber device;
    if (take_number(line, id, ' ') && id == mount_id && take_number(line, parent, ' ') &&
        take_number(line, device.major, ':') && take_number(line, device.minor, ' ')) {
      return device;
    }
  }
  return std::nullopt;
}

std::optional<DeviceNumber> MountDevices::known_device(const struct statx& file) const {
  const DeviceNumber stat = stat_device(file);
  const auto mount = mount_id(file);
  // A device with a major number is a block device, which the superblock has as well.
  if (stat.major != 0 || !mount) return stat;
  const auto known = known_.find(*mount);
  if (known == known_.end() || known->second.stat != stat) return std::nullopt;
  return known->second.mount;
}

DeviceNumber MountDevices::device_of(int process, const struct statx& file) {
  if (const auto known = known_device(file)) return *known;
  const DeviceNumber stat = stat_device(file);
  const auto mount = mount_id(file);
  const auto device = mount_device(read_mountinfo(process), *mount);
  if (!device) return stat;
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[*mount] = {stat, *device};
  return *device;
}

}  // namespace auditql
