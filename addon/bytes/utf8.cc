#include "utf8.h"

#include <cstdint>

#include "content_hash.h"
#include "hex.h"

namespace auditql {

namespace {

bool is_continuation_byte(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/// Length of the well-formed sequence at `at`, of which `left` bytes remain; 0 when malformed.
size_t sequence_length(const unsigned char* at, size_t left) {
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  // The second byte alone decides on overlong forms, surrogates and the upper bound.
  const unsigned char lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < lowest || at[1] > highest) return 0;
  for (size_t i = 2; i < length; i++) {
    if (!is_continuation_byte(at[i])) return 0;
  }
  return length;
}

}  // namespace

size_t utf8_sequence_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  return sequence_length(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

bool is_utf8(std::string_view bytes) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  while (left > 0) {
    if (left >= 8 && (load_u64(at) & kHighBits) == 0) {
      at += 8;
      left -= 8;
      continue;
    }
    const size_t length = sequence_length(at, left);
    if (length == 0) return false;
    at += length;
    left -= length;
  }
  return true;
}

void append_escaped_text(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = utf8_sequence_length(bytes);
    if (length == 0) {
      out += "\\x";
      append_upper_hex(out, bytes.substr(0, 1));
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace auditql
