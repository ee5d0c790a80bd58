#pragma once

#include <string_view>

#include "event.h"
#include "field_value.h"

namespace auditql {

/// Takes the bytes of a `struct sockaddr` apart, as the kernel was given them: short ones too.
/// `arch` gives the byte order of the family and the scope id. The text of an IP address goes into
/// the arena, which needs kSocketAddressText bytes of room.
SocketAddress parse_socket_address(std::string_view raw, Arch arch, ByteArena& arena);

constexpr size_t kSocketAddressText = 64;

/// A machine of the byte order that the family is in: no family is 256 or more, so that one of its
/// two bytes is 0. For records that come without the SYSCALL record that tells the machine.
Arch byte_order_of(std::string_view raw);

}  // namespace auditql
