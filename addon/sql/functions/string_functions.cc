#include <chrono>
#include <thread>

#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// split(text, characters, index): pieces between any of the characters; empty ones do not count.
void split(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  std::string_view rest = c_text(values[0]);
  const std::string_view separators = c_text(values[1]);
  if (separators.empty()) return give_error(context, "Invalid input to split function");
  // osquery casts the index to an unsigned number: a negative one is beyond the end.
  auto index = static_cast<size_t>(static_cast<int64_t>(sqlite3_value_int(values[2])));
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(separators), rest.size());
    if (end > 0 && index-- == 0) return give_text(context, trimmed(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

/// Skips NULL arguments; the separator follows every argument that is not the last one, even when
/// the last one is NULL. Without arguments the result is NULL.
void join(sqlite3_context* context, std::string_view separator, int count, sqlite3_value** values) {
  if (count == 0) return;
  std::string joined;
  for (int i = 0; i < count; i++) {
    if (is_null(values[i])) continue;
    joined += c_text(values[i]);
    if (i + 1 < count) joined += separator;
  }
  give_text(context, joined);
}

void concat(sqlite3_context* context, int count, sqlite3_value** values) {
  join(context, "", count, values);
}

void concat_ws(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count == 0) return give_error(context, "Missing separator to concat_ws");
  const std::string separator(is_null(values[0]) ? std::string_view() : c_text(values[0]));
  join(context, separator, count - 1, values + 1);
}

/// sleep(seconds), in slices so that the query can be interrupted.
void sleep_seconds(sqlite3_context* context, int, sqlite3_value** values) {
  const int seconds = sqlite3_value_int(values[0]);
  sqlite3* db = sqlite3_context_db_handle(context);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (sqlite3_is_interrupted(db) != 0)
      return sqlite3_result_error_code(context, SQLITE_INTERRUPT);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  sqlite3_result_int(context, seconds < 0 ? 0 : seconds);
}

/// human_bytes(n): `1023 B`, `1.5 KiB`, ... with binary prefixes.
void human_bytes(sqlite3_context* context, int, sqlite3_value** values) {
  const int type = sqlite3_value_numeric_type(values[0]);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = sqlite3_value_double(values[0]);
  size_t unit = 0;
  while ((amount >= 1023.95 || amount <= -1023.95) && unit + 1 < std::size(kUnits)) {
    amount /= 1024;
    unit++;
  }
  char text[64];
  sqlite3_snprintf(sizeof text, text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
  give_text(context, text);
}

}  // namespace

int register_string_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"split", 3, split},
      {"concat", -1, concat},
      {"concat_ws", -1, concat_ws},
      {"sleep", 1, sleep_seconds, false},
      {"human_bytes", 1, human_bytes},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
