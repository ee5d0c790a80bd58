#include "device_message.h"

#include <arpa/inet.h>

#include <cstdint>
#include <cstring>

namespace auditql {

namespace {

/// struct monitor_netlink_header of systemd's sd-device/device-monitor.c, which udevd sends.
struct UdevHeader {
  char prefix[8];
  uint32_t magic;
  uint32_t header_size, properties_offset, properties_length;
  uint32_t subsystem_hash, devtype_hash, tag_bloom_high, tag_bloom_low;
};
constexpr uint32_t kUdevMagic = 0xfeedcafe;

/// The NAME=value strings, each ended by a NUL byte.
std::optional<std::string_view> properties_of(std::string_view bytes) {
  if (!bytes.starts_with(std::string_view("libudev\0", 8))) {
    // The kernel begins with ACTION@DEVPATH.
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    if (bytes.substr(0, end).find('@') == std::string_view::npos) return std::nullopt;
    return bytes.substr(end + 1);
  }
  UdevHeader header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (ntohl(header.magic) != kUdevMagic || header.properties_offset > bytes.size()) {
    return std::nullopt;
  }
  return bytes.substr(header.properties_offset, header.properties_length);
}

}  // namespace

std::optional<DeviceMessage> DeviceMessage::parse(std::string_view bytes) {
  const auto properties = properties_of(bytes);
  if (!properties) return std::nullopt;
  DeviceMessage message;
  for (std::string_view rest = *properties; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    message.properties.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  message.action = message.property("ACTION");
  if (message.action.empty()) return std::nullopt;
  return message;
}

std::string_view DeviceMessage::property(std::string_view name) const {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace auditql
