#include "uuid_value.h"

#include <string_view>

#include "../../bytes/hex.h"

namespace auditql {

std::optional<UuidBytes> uuid_of_value(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT || sqlite3_value_bytes(value) != 36) {
    return std::nullopt;
  }
  const std::string_view text(reinterpret_cast<const char*>(sqlite3_value_text(value)), 36);
  char digits[32];
  size_t count = 0;
  for (size_t i = 0; i < text.size(); i++) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen != (text[i] == '-')) return std::nullopt;
    if (!is_hyphen) digits[count++] = text[i];
  }
  UuidBytes uuid{};
  const std::string_view hex(digits, sizeof digits);
  if (!is_lower_hex(hex) || !decode_hex(hex, reinterpret_cast<char*>(uuid.data()))) {
    return std::nullopt;
  }
  return uuid;
}

}  // namespace auditql
