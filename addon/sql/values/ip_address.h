#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditql {

/// An IPv4 or IPv6 address in network byte order; IPv4 is below every IPv6 address.
struct IpAddress {
  size_t size = 4;  ///< in bytes: 4 or 16
  std::array<uint8_t, 16> bytes{};

  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
  auto operator<=>(const IpAddress&) const = default;
};

/// A zone (`%eth0`) is accepted behind IPv6 addresses and left out.
std::optional<IpAddress> parse_ip(std::string_view text);
std::string ip_text(const IpAddress& address);

/// A block of addresses, both ends inclusive.
struct IpBlock {
  IpAddress first, last;
  bool contains(const IpAddress& address) const {
    return address.size == first.size && first <= address && address <= last;
  }
};

/// `address/prefix`; bits behind the prefix are ignored.
std::optional<IpBlock> parse_cidr(std::string_view text);

}  // namespace auditql
