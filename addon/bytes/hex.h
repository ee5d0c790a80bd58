#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace auditql {

/// The two lower-case digits of each byte.
inline constexpr auto kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < 256; byte++) pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return pairs;
}();

/// Lower-case hex.
std::string hex_text(std::string_view bytes);

/// Appends upper-case hex.
void append_upper_hex(std::string& out, std::string_view bytes);

/// Decodes hex digits of either case into `out` (size/2 bytes). False when a character is no digit
/// or the count is odd; `out` is then undefined.
bool decode_hex(std::string_view hex, char* out);

/// Whether every character is a hex digit, and there is an even, non-zero number of them.
bool is_hex(std::string_view text);

/// Whether every character is a digit or one of a to f.
bool is_lower_hex(std::string_view text);

}  // namespace auditql
