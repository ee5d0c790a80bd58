#include "field_value.h"

#include <charconv>

#include "../bytes/hex.h"
#include "event.h"

namespace auditql {
namespace {

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
