#include "json_text.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "hex.h"
#include "utf8.h"

namespace auditql {

namespace {

void append_hex_escape(std::string& out, std::string_view prefix, unsigned char byte) {
  const char character = static_cast<char>(byte);
  out += prefix;
  append_upper_hex(out, {&character, 1});
}

/// 0: stands for itself in a JSON string; 1: needs a look.
constexpr std::array<uint8_t, 256> json_classes() {
  std::array<uint8_t, 256> classes{};
  for (size_t byte = 0; byte < 256; byte++) {
    classes[byte] = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\' ? 1 : 0;
  }
  return classes;
}
constexpr std::array<uint8_t, 256> kJsonClasses = json_classes();

/// Whether all of eight bytes stand for themselves in a JSON string. A byte that does
/// not sets its own high bit in one of the terms; borrows come from such bytes alone.
bool are_plain_json(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t quotes = (bytes ^ '"' * kOnes) - kOnes;
  const uint64_t backslashes = (bytes ^ '\\' * kOnes) - kOnes;
  const uint64_t controls = bytes - 0x20 * kOnes;
  return ((bytes | quotes | backslashes | controls) & 0x80 * kOnes) == 0;
}

/// How many bytes from `at` on stand for themselves.
size_t plain_json_length(std::string_view bytes, size_t at) {
  const size_t start = at;
  uint64_t eight;
  for (; bytes.size() - at >= sizeof eight; at += sizeof eight) {
    std::memcpy(&eight, bytes.data() + at, sizeof eight);
    if (!are_plain_json(eight)) break;
  }
  while (at < bytes.size() && kJsonClasses[static_cast<unsigned char>(bytes[at])] == 0) at++;
  return at - start;
}

void append_json_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_hex_escape(out, "\\u00", byte);
  }
}

}  // namespace

bool is_plain_json(std::string_view bytes) { return plain_json_length(bytes, 0) == bytes.size(); }

void append_json_text(std::string& out, std::string_view bytes) {
  size_t plain = 0;
  for (size_t at = 0;;) {
    at += plain_json_length(bytes, at);
    if (at == bytes.size()) break;
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const size_t length = byte < 0x80 ? 0 : utf8_sequence_length(bytes.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    out += bytes.substr(plain, at - plain);
    if (byte < 0x80) {
      append_json_escape(out, byte);
    } else {
      append_hex_escape(out, "\\\\x", byte);
    }
    plain = ++at;
  }
  out += bytes.substr(plain);
}

}  // namespace auditql
