#include "hex.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace auditql {
namespace {

constexpr uint8_t kNoHexDigit = 0xff;

constexpr std::array<uint8_t, 256> hex_digit_table() {
  std::array<uint8_t, 256> digits{};
  for (uint8_t& each : digits) each = kNoHexDigit;
  for (uint8_t i = 0; i < 10; i++) digits[static_cast<size_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; i++) {
    digits[static_cast<size_t>('A' + i)] = static_cast<uint8_t>(10 + i);
    digits[static_cast<size_t>('a' + i)] = static_cast<uint8_t>(10 + i);
  }
  return digits;
}

constexpr auto kHexDigits = hex_digit_table();

uint8_t hex_digit(char c) { return kHexDigits[static_cast<uint8_t>(c)]; }

/// Sixteen digits at a time, in the vectors that each of our machines has (GCC's and clang's vector
/// extensions).
constexpr size_t kLane = 16;
using Digits = uint8_t __attribute__((vector_size(kLane)));
using DigitPairs = uint16_t __attribute__((vector_size(kLane)));
using PairBytes = uint8_t __attribute__((vector_size(kLane / 2)));
static_assert(std::endian::native == std::endian::little);

/// Writes the eight bytes that sixteen digits stand for; all bits of the result are set in each
/// character that is a digit.
Digits decode_lane(const char* at, char* out) {
  Digits text;
  std::memcpy(&text, at, sizeof text);
  const auto figures = reinterpret_cast<Digits>(text - '0' < 10);
  const auto letters = reinterpret_cast<Digits>((text | 0x20) - 'a' < 6);
  const auto nibbles = reinterpret_cast<DigitPairs>((text & 0x0f) + (letters & 9));
  const auto bytes = __builtin_convertvector(nibbles << 4 | nibbles >> 8, PairBytes);
  std::memcpy(out, &bytes, sizeof bytes);
  return figures | letters;
}

bool decode_lanes(std::string_view hex, char* out) {
  const size_t last = hex.size() - kLane;
  Digits valid = decode_lane(hex.data() + last, out + last / 2);
  for (size_t at = 0; at < last; at += kLane) valid &= decode_lane(hex.data() + at, out + at / 2);
  uint64_t halves[2];
  std::memcpy(halves, &valid, sizeof halves);
  return (halves[0] & halves[1]) == UINT64_MAX;
}

}  // namespace

std::string hex_text(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) text.append(kHexPairs[byte].data(), 2);
  return text;
}

void append_upper_hex(std::string& out, std::string_view bytes) {
  constexpr char kUpperDigits[] = "0123456789ABCDEF";
  for (const unsigned char byte : bytes) {
    out += kUpperDigits[byte >> 4];
    out += kUpperDigits[byte & 15];
  }
}

bool decode_hex(std::string_view hex, char* out) {
  if (hex.size() % 2 != 0) return false;
  if (hex.size() >= kLane) return decode_lanes(hex, out);
  uint8_t bad = 0;
  for (size_t at = 0; at < hex.size(); at += 2) {
    const uint8_t high = hex_digit(hex[at]), low = hex_digit(hex[at + 1]);
    bad |= high | low;
    *out++ = static_cast<char>(high << 4 | low);
  }
  return (bad & 0xf0) == 0;
}

bool is_hex(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) return false;
  for (const char c : text) {
    if (hex_digit(c) == kNoHexDigit) return false;
  }
  return true;
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f');
  });
}

}  // namespace auditql
