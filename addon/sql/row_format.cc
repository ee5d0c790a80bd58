#include "row_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base64.h"
#include "osquery_number.h"
#include "utf8_text.h"

namespace auditql {

namespace {

std::string_view text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

std::string_view blob_of(sqlite3_stmt* statement, int column) {
  const auto* blob = static_cast<const char*>(sqlite3_column_blob(statement, column));
  if (blob == nullptr) return {};
  return {blob, static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

void append_integer(std::string& out, int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

void append_real(std::string& out, double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

void append_json_value(std::string& out, sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return append_integer(out, sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(statement, column);
      if (!std::isfinite(number)) break;
      return append_real(out, number);
    }
    case SQLITE_TEXT:
      out += '"';
      append_json_text(out, text_of(statement, column));
      out += '"';
      return;
    case SQLITE_BLOB:
      out += '"';
      append_base64(out, blob_of(statement, column));
      out += '"';
      return;
    default:
      break;
  }
  out += "null";
}

void append_osquery_value(std::string& out, sqlite3_stmt* statement, int column) {
  out += '"';
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      append_integer(out, sqlite3_column_int64(statement, column));
      break;
    case SQLITE_FLOAT:
      append_osquery_real(out, sqlite3_column_double(statement, column));
      break;
    case SQLITE_TEXT:
      append_json_text(out, text_of(statement, column));
      break;
    case SQLITE_BLOB:
      append_json_text(out, blob_of(statement, column));
      break;
    default:
      break;
  }
  out += '"';
}

void append_osquery_number(std::string& out, sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_INTEGER) {
    return append_integer(out, sqlite3_column_int64(statement, column));
  }
  const double number = sqlite3_column_double(statement, column);
  if (std::isfinite(number)) return append_rapidjson_real(out, number);
  out += "null";
}

bool is_number(sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

bool is_osquery(ResultFormat format) {
  return format == ResultFormat::osquery || format == ResultFormat::osquery_numerics;
}

void append_csv_text(std::string& out, std::string_view text) {
  std::string escaped;
  append_escaped_text(escaped, text);
  const bool quote = escaped.empty() ||
                     escaped.find_first_of(std::string_view(",\"\r\n\0", 5)) != std::string::npos;
  if (!quote) {
    out += escaped;
    return;
  }
  out += '"';
  for (const char c : escaped) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_value(std::string& out, sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return append_integer(out, sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(statement, column);
      if (std::isfinite(number)) append_real(out, number);
      return;
    }
    case SQLITE_TEXT:
      return append_csv_text(out, text_of(statement, column));
    case SQLITE_BLOB:
      return append_base64(out, blob_of(statement, column));
    default:
      return;
  }
}

}  // namespace

/// Puts short pieces together before the output grows by them: growing is a call each time.
class RowFormat::Pieces {
 public:
  explicit Pieces(std::string& out) : out_(out) {}
  ~Pieces() { flush(); }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  /// Where so many bytes may be written; nullptr when that is too much for a piece.
  char* room(size_t bytes) {
    if (bytes > sizeof bytes_) return nullptr;
    if (used_ + bytes > sizeof bytes_) flush();
    return bytes_ + used_;
  }
  /// What room() gave was written up to `end`.
  void took(const char* end) { used_ = static_cast<size_t>(end - bytes_); }
  void add(std::string_view piece) {
    char* at = room(piece.size());
    took(at + piece.copy(at, piece.size()));
  }
  void flush() {
    out_.append(bytes_, used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  size_t used_ = 0;
  char bytes_[2048];
};

RowFormat::RowFormat(ResultFormat format, sqlite3_stmt* statement)
    : format_(format), statement_(statement) {
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; i++) {
    const char* name = sqlite3_column_name(statement, i);
    names_.emplace_back(name == nullptr ? "" : name);
  }
  choose_members();
}

void RowFormat::choose_members() {
  std::map<std::string_view, size_t> places;
  for (size_t i = 0; i < names_.size(); i++) {
    const auto [place, is_new] = places.emplace(names_[i], members_.size());
    if (!is_new) {
      members_[place->second].column = static_cast<int>(i);
      continue;
    }
    members_.push_back({static_cast<int>(i), {}});
  }
  if (is_osquery(format_)) {
    std::sort(members_.begin(), members_.end(), [this](const Member& a, const Member& b) {
      return names_[static_cast<size_t>(a.column)] < names_[static_cast<size_t>(b.column)];
    });
  }
  for (Member& member : members_) {
    member.key = &member == members_.data() ? "{\"" : ",\"";
    append_json_text(member.key, names_[static_cast<size_t>(member.column)]);
    member.key += "\":";
  }
}

void RowFormat::append_head(std::string& out) const {
  if (format_ == ResultFormat::json) out += "[";
  if (format_ != ResultFormat::csv) return;
  for (size_t i = 0; i < names_.size(); i++) {
    if (i > 0) out += ',';
    append_csv_text(out, names_[i]);
  }
  out += "\r\n";
}

void RowFormat::append_row(std::string& out, bool first) const {
  if (format_ == ResultFormat::csv) return append_csv_row(out);
  if (format_ == ResultFormat::json) out += first ? "\n" : ",\n";
  append_object(out);
  if (format_ != ResultFormat::json) out += '\n';
}

void RowFormat::append_tail(std::string& out, bool any_row) const {
  if (format_ == ResultFormat::json) out += any_row ? "\n]\n" : "]\n";
}

void RowFormat::append_object(std::string& out) const {
  Pieces pieces(out);
  for (const Member& member : members_) {
    if (!is_osquery(format_) && add_small_member(pieces, member)) continue;
    pieces.flush();
    out += member.key;
    if (format_ == ResultFormat::osquery_numerics && is_number(statement_, member.column)) {
      append_osquery_number(out, statement_, member.column);
    } else if (is_osquery(format_)) {
      append_osquery_value(out, statement_, member.column);
    } else {
      append_json_value(out, statement_, member.column);
    }
  }
  pieces.add("}");
}

bool RowFormat::add_small_member(Pieces& pieces, const Member& member) const {
  constexpr size_t kNumberDigits = 24;
  sqlite3_value* value = sqlite3_column_value(statement_, member.column);
  const int type = sqlite3_value_type(value);
  if (type != SQLITE_INTEGER && type != SQLITE_TEXT) return false;
  const size_t bytes = type == SQLITE_TEXT ? static_cast<size_t>(sqlite3_value_bytes(value)) : 0;
  char* at = pieces.room(member.key.size() + std::max(bytes + 2, kNumberDigits));
  if (at == nullptr) return false;
  at += member.key.copy(at, member.key.size());
  if (type == SQLITE_INTEGER) {
    pieces.took(std::to_chars(at, at + kNumberDigits, sqlite3_value_int64(value)).ptr);
    return true;
  }
  // As a BLOB, because sqlite3_value_text() writes a NUL behind it, in other memory at times.
  const std::string_view text(static_cast<const char*>(sqlite3_value_blob(value)), bytes);
  if (!is_plain_json(text)) return false;
  *at++ = '"';
  at += text.copy(at, bytes);
  *at++ = '"';
  pieces.took(at);
  return true;
}

void RowFormat::append_csv_row(std::string& out) const {
  for (size_t i = 0; i < names_.size(); i++) {
    if (i > 0) out += ',';
    append_csv_value(out, statement_, static_cast<int>(i));
  }
  out += "\r\n";
}

}  // namespace auditql
