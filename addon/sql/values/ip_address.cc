#include "ip_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace auditql {

std::optional<IpAddress> parse_ip(std::string_view text) {
  const bool is_v6 = text.find(':') != std::string_view::npos;
  if (is_v6) text = text.substr(0, text.find('%'));
  IpAddress address;
  address.size = is_v6 ? 16 : 4;
  const int parsed =
      ::inet_pton(is_v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), address.bytes.data());
  if (parsed != 1) return std::nullopt;
  return address;
}

std::string ip_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN];
  const char* written =
      ::inet_ntop(address.size == 4 ? AF_INET : AF_INET6, address.bytes.data(), text, sizeof text);
  return written == nullptr ? "" : written;
}

std::optional<IpBlock> parse_cidr(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  size_t prefix = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  const bool whole =
      !digits.empty() && parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (!address || !whole || prefix > address->size * 8) return std::nullopt;
  IpBlock block{*address, *address};
  for (size_t bit = prefix; bit < address->size * 8; bit++) {
    const auto mask = static_cast<uint8_t>(0x80 >> bit % 8);
    block.first.bytes[bit / 8] = static_cast<uint8_t>(block.first.bytes[bit / 8] & ~mask);
    block.last.bytes[bit / 8] = static_cast<uint8_t>(block.last.bytes[bit / 8] | mask);
  }
  return block;
}

}  // namespace auditql
