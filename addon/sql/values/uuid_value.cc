#include "uuid_value.h"

#include <string_view>

namespace auditql {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<UuidBytes> uuid_of_value(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT || sqlite3_value_bytes(value) != 36) {
    return std::nullopt;
  }
  const std::string_view text(reinterpret_cast<const char*>(sqlite3_value_text(value)), 36);
  UuidBytes uuid{};
  size_t byte = 0;
  for (size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid[byte++] = static_cast<uint8_t>(high << 4 | low);
    i += 2;
  }
  return uuid;
}

}  // namespace auditql
