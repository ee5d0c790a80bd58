#include "field_value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

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

constexpr uint64_t kEveryByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x80 * kEveryByte;

/// Eight characters at once: the high bit of each byte that is a hex digit. Sums stay below 0x100
/// in every byte, since bytes from 0x80 on are cleared first and then not marked.
uint64_t hex_digit_marks(uint64_t text) {
  const uint64_t ascii = text & ~kHighBits;
  const uint64_t from_0 = ascii + (0x80 - '0') * kEveryByte;
  const uint64_t beyond_9 = ascii + (0x7f - '9') * kEveryByte;
  const uint64_t lower = ascii | 0x20 * kEveryByte;
  const uint64_t from_a = lower + (0x80 - 'a') * kEveryByte;
  const uint64_t beyond_f = lower + (0x7f - 'f') * kEveryByte;
  return ((from_0 & ~beyond_9) | (from_a & ~beyond_f)) & ~text & kHighBits;
}

/// The four bytes that eight hex digits stand for, in memory order on a little-endian machine.
uint32_t four_bytes(uint64_t digits) {
  const uint64_t letters = digits >> 6 & kEveryByte;  // bit 6 tells letters from figures
  const uint64_t nibbles = (digits & 0x0f * kEveryByte) + letters * 9;
  const uint64_t pairs = (nibbles << 4 | nibbles >> 8) & 0x00ff00ff00ff00ff;
  const uint64_t joined = (pairs | pairs >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(joined | joined >> 16);
}
static_assert(std::endian::native == std::endian::little);

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
  const char* at = hex.data();
  const char* end = at + hex.size();
  uint64_t valid = kHighBits;
  for (; end - at >= 8; at += 8, out += 4) {
    uint64_t digits;
    std::memcpy(&digits, at, sizeof digits);
    valid &= hex_digit_marks(digits);
    const uint32_t bytes = four_bytes(digits);
    std::memcpy(out, &bytes, sizeof bytes);
  }
  uint8_t bad = 0;
  for (; at < end; at += 2) {
    const uint8_t high = digit(at[0]), low = digit(at[1]);
    bad |= high | low;
    *out++ = static_cast<char>(high << 4 | low);
  }
  return valid == kHighBits && (bad & 0xf0) == 0;
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

}  // namespace auditql
