#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auditql {

/// A device event: of the kernel (kobject_uevent_env()) or, with more properties, of udevd.
struct DeviceMessage {
  std::string action;  ///< add, remove, change, bind, ...
  std::map<std::string, std::string, std::less<>> properties;

  /// A message of the netlink family; nothing when it is none of the two.
  static std::optional<DeviceMessage> parse(std::string_view bytes);
  /// Empty when there is no such property.
  std::string_view property(std::string_view name) const;
};

}  // namespace auditql
