#include <algorithm>

#include "../../bytes/base64.h"
#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

/// Nothing outside 0x20-0x7e.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x1F && c < 0x7F; });
}

void to_base64(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  std::string encoded;
  append_base64(encoded, whole_text(values[0]));
  give_text(context, encoded);
}

void conditional_to_base64(sqlite3_context* context, int count, sqlite3_value** values) {
  if (is_null(values[0])) return;
  const std::string_view text = whole_text(values[0]);
  if (!is_printable(text)) return to_base64(context, count, values);
  give_text(context, text);
}

void from_base64(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  give_text(context, decode_base64(whole_text(values[0])));
}

}  // namespace

int register_encoding_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"to_base64", 1, to_base64},
      {"conditional_to_base64", 1, conditional_to_base64},
      {"from_base64", 1, from_base64},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
