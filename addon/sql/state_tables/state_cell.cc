#include "state_cell.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace auditql {

namespace {

/// strtoll with base 0: `0x` is hexadecimal, a leading 0 octal; trailing characters make it no
/// number (osquery's tryTo<long long>(value, 0)).
std::optional<int64_t> parse_integer(const std::string& text) {
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(text.c_str(), &end, 0);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return number;
}

std::optional<double> parse_real(const std::string& text) {
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (*end != '\0') return std::nullopt;
  return number;
}

void emit_text(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void emit_number_text(sqlite3_context* context, double number) {
  if (number == std::floor(number) && std::fabs(number) < 9007199254740992.0) {
    return emit_text(context, std::to_string(static_cast<int64_t>(number)));
  }
  char* text = sqlite3_mprintf("%!.17g", number);
  sqlite3_result_text(context, text, -1, sqlite3_free);
}

void emit_as_text(sqlite3_context* context, const SqlValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return emit_text(context, *text);
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return emit_text(context, std::to_string(*number));
  }
  if (const auto* real = std::get_if<double>(&value)) return emit_number_text(context, *real);
  if (const auto* blob = std::get_if<SqlBlob>(&value)) emit_text(context, blob->bytes);
}

void emit_as_integer(sqlite3_context* context, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_result_int64(context, *number);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    const bool fits = *real >= -9223372036854775808.0 && *real < 9223372036854775808.0;
    if (fits) sqlite3_result_int64(context, static_cast<int64_t>(*real));
    return;
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto number = parse_integer(*text)) sqlite3_result_int64(context, *number);
  }
}

void emit_as_real(sqlite3_context* context, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_result_double(context, static_cast<double>(*number));
  }
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_result_double(context, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto number = parse_real(*text)) sqlite3_result_double(context, *number);
  }
}

void emit_as_blob(sqlite3_context* context, const SqlValue& value) {
  const auto* blob = std::get_if<SqlBlob>(&value);
  if (blob == nullptr) return emit_as_text(context, value);
  sqlite3_result_blob64(context, blob->bytes.data(), blob->bytes.size(), SQLITE_TRANSIENT);
}

}  // namespace

void emit_state_cell(sqlite3_context* context, const StateColumn& column, const SqlValue& value) {
  if (column.filled && std::holds_alternative<std::monostate>(value)) {
    return sqlite3_result_text(context, "", 0, SQLITE_STATIC);
  }
  switch (column.type) {
    case SqlType::text:
      return emit_as_text(context, value);
    case SqlType::integer:
    case SqlType::bigint:
    case SqlType::unsigned_bigint:
      return emit_as_integer(context, value);
    case SqlType::real:
      return emit_as_real(context, value);
    case SqlType::blob:
      return emit_as_blob(context, value);
  }
}

}  // namespace auditql
