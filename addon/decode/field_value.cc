#include "field_value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "event.h"

namespace auditql {
namespace {

constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> hex_digits() {
  std::array<uint8_t, 256> digits{};
  for (uint8_t& each : digits) each = kNoDigit;
  for (uint8_t i = 0; i < 10; i++) digits[static_cast<size_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; i++) {
    digits[static_cast<size_t>('A' + i)] = static_cast<uint8_t>(10 + i);
    digits[static_cast<size_t>('a' + i)] = static_cast<uint8_t>(10 + i);
  }
  return digits;
}

constexpr auto kHexDigits = hex_digits();

uint8_t digit(char c) { return kHexDigits[static_cast<uint8_t>(c)]; }

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

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

}  // namespace

void ByteArena::reset(size_t bytes) {
  used_ = 0;
  const bool too_small = capacity_ < bytes;
  const bool far_too_large = capacity_ > kKept && bytes < kKept;
  if (!too_small && !far_too_large) return;
  capacity_ = bytes < 4096 ? 4096 : bytes;
  bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

char* ByteArena::take(size_t bytes) {
  char* at = bytes_.get() + used_;
  used_ += bytes;
  return at;
}

bool decode_hex(std::string_view hex, char* out) {
  if (hex.size() % 2 != 0) return false;
  if (hex.size() >= kLane) return decode_lanes(hex, out);
  uint8_t bad = 0;
  for (size_t at = 0; at < hex.size(); at += 2) {
    const uint8_t high = digit(hex[at]), low = digit(hex[at + 1]);
    bad |= high | low;
    *out++ = static_cast<char>(high << 4 | low);
  }
  return (bad & 0xf0) == 0;
}

bool is_hex(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) return false;
  for (const char c : text) {
    if (digit(c) == kNoDigit) return false;
  }
  return true;
}

std::optional<std::string_view> decode_text(std::string_view value, ByteArena& arena) {
  if (!value.empty() && value.front() == '"') return unquoted(value);
  if (value.empty() || value == "(null)") return std::nullopt;
  const size_t bytes = value.size() / 2;
  if (value.size() % 2 != 0 || arena.left() < bytes) return value;
  char* out = arena.take(bytes);
  if (decode_hex(value, out)) return std::string_view(out, bytes);
  arena.give_back(bytes);
  return value;
}

std::string_view unquoted(std::string_view value) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return value;
  const char quote = value.front();
  value.remove_prefix(1);
  if (!value.empty() && value.back() == quote) value.remove_suffix(1);
  return value;
}

std::optional<uint64_t> parse_unsigned(std::string_view text) {
  return parse_number<uint64_t>(text, 10);
}
std::optional<int64_t> parse_signed(std::string_view text) {
  return parse_number<int64_t>(text, 10);
}
std::optional<uint64_t> parse_hex_number(std::string_view text) {
  return parse_number<uint64_t>(text, 16);
}
std::optional<uint64_t> parse_octal(std::string_view text) {
  return parse_number<uint64_t>(text, 8);
}
uint32_t parse_id(std::string_view text) {
  const auto value = parse_signed(text);
  return value ? static_cast<uint32_t>(*value) : kUnsetId;
}

}  // namespace auditql
