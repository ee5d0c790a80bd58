#include "base64.h"

#include <array>
#include <cstdint>

namespace auditql {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> digits() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); i++) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return values;
}
constexpr std::array<int8_t, 256> kDigits = digits();

uint32_t byte_at(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const uint32_t group =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    out += kAlphabet[group >> 18];
    out += kAlphabet[group >> 12 & 63];
    out += at + 1 < bytes.size() ? kAlphabet[group >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? kAlphabet[group & 63] : '=';
  }
}

std::string decode_base64(std::string_view text) {
  std::string kept;
  for (size_t i = 0; i < text.size(); i++) {
    const bool line_end = text[i] == '\n' || (text[i] == '\r' && text.substr(i, 2) == "\r\n");
    if (!line_end) kept += text[i];
  }
  while (!kept.empty() && kept.back() == '=') kept.pop_back();
  std::string bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : kept) {
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0) return {};
    group = group << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xFF);
  }
  return bytes;
}

}  // namespace auditql
