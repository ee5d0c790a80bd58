#pragma once

#include <string>
#include <string_view>

#include "sqlite_api.h"

namespace auditql {

inline bool is_null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }
inline bool is_text(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_TEXT; }

inline bool any_null(int count, sqlite3_value** values) {
  for (int i = 0; i < count; i++) {
    if (is_null(values[i])) return true;
  }
  return false;
}

/// The value as text, whole. Empty when SQLite has no memory to convert it.
inline std::string_view whole_text(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_value_bytes(value))};
}

/// The value as text up to its first NUL byte, which is where osquery's functions stop reading.
inline std::string_view c_text(sqlite3_value* value) {
  const std::string_view text = whole_text(value);
  return text.substr(0, text.find('\0'));
}

inline void give_text(sqlite3_context* context, std::string_view text) {
  // A view without data is the empty text, not NULL.
  sqlite3_result_text64(context, text.data() == nullptr ? "" : text.data(), text.size(),
                        SQLITE_TRANSIENT, SQLITE_UTF8);
}

inline void give_error(sqlite3_context* context, const char* message) {
  sqlite3_result_error(context, message, -1);
}

}  // namespace auditql
