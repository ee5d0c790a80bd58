#include "socket_address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace auditql {
namespace {

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

bool is_big_endian(Arch arch) {
  return arch == Arch::s390x || arch == Arch::s390 || arch == Arch::ppc64;
}

/// A number that the caller's machine wrote in its own byte order.
uint32_t host_order(std::string_view bytes, Arch arch) {
  if (is_big_endian(arch)) return big_endian(bytes);
  uint32_t value = 0;
  for (size_t i = bytes.size(); i > 0; i--) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

/// inet_ntop(3) formats IPv4 through sprintf(3), which takes longer than the rest of the event.
std::string_view ipv4_text(std::string_view bytes, ByteArena& arena) {
  char* const out = arena.take(INET_ADDRSTRLEN);
  char* at = out;
  for (const char byte : bytes) {
    if (at != out) *at++ = '.';
    at = std::to_chars(at, out + INET_ADDRSTRLEN, static_cast<uint8_t>(byte)).ptr;
  }
  return {out, static_cast<size_t>(at - out)};
}

std::string_view ipv6_text(std::string_view bytes, ByteArena& arena) {
  char* const out = arena.take(INET6_ADDRSTRLEN);
  if (inet_ntop(AF_INET6, bytes.data(), out, INET6_ADDRSTRLEN) == nullptr) return {};
  return {out, std::strlen(out)};
}

/// unix(7): a path ends at its NUL or where the address ends; an abstract name starts with NUL and
/// is all of the rest, NULs and all.
std::string_view unix_path(std::string_view bytes) {
  if (bytes.empty() || bytes[0] == '\0') return bytes;
  return bytes.substr(0, bytes.find('\0'));
}

}  // namespace

SocketAddress parse_socket_address(std::string_view raw, Arch arch, ByteArena& arena) {
  SocketAddress address;
  address.raw = raw;
  if (raw.size() < 2) return address;
  address.family = static_cast<int32_t>(host_order(raw.substr(0, 2), arch));
  const std::string_view data = raw.substr(2);
  if (address.family == AF_UNIX) address.unix_path = unix_path(data);
  if (address.family != AF_INET && address.family != AF_INET6) return address;
  if (data.size() >= 2) address.port = static_cast<uint16_t>(big_endian(data.substr(0, 2)));
  if (address.family == AF_INET && data.size() >= 6) {
    address.address = ipv4_text(data.substr(2, 4), arena);
  }
  if (address.family == AF_INET6 && data.size() >= 22) {
    address.flow_info = big_endian(data.substr(2, 4));
    address.address = ipv6_text(data.substr(6, 16), arena);
  }
  if (address.family == AF_INET6 && data.size() >= 26) {
    address.scope_id = host_order(data.substr(22, 4), arch);
  }
  return address;
}

Arch byte_order_of(std::string_view raw) {
  const bool is_swapped = raw.size() > 1 && raw[0] == 0 && raw[1] != 0;
  return is_swapped ? Arch::s390x : Arch::x86_64;
}

}  // namespace auditql
