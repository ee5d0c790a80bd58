#include "row_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "../../bytes/base64.h"
#include "../../bytes/hex.h"
#include "../../bytes/json_text.h"
#include "../../bytes/utf8.h"
#include "osquery_number.h"

namespace auditql {

namespace {

using Kind = ResultCell::Kind;

void append_integer(std::string& out, int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

void append_real(std::string& out, double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const std::string_view text(digits, static_cast<size_t>(end - digits));
  const size_t exponent = std::min(text.find('e'), text.size());
  out += text.substr(0, exponent);
  // As in SQLite's own text of a REAL, which tells it from an INTEGER.
  if (text.find('.') == std::string_view::npos) out += ".0";
  out += text.substr(exponent);
}

void append_json_value(std::string& out, const ResultCell& cell) {
  switch (cell.kind) {
    case Kind::integer:
      return append_integer(out, cell.integer);
    case Kind::real:
      if (!std::isfinite(cell.real)) break;
      return append_real(out, cell.real);
    case Kind::text:
      out += '"';
      append_json_text(out, cell.bytes);
      out += '"';
      return;
    case Kind::blob:
      out += '"';
      append_base64(out, cell.bytes);
      out += '"';
      return;
    case Kind::null:
      break;
  }
  out += "null";
}

/// What JSON has no value for, as people read it.
void append_shell_value(std::string& out, const ResultCell& cell) {
  if (cell.kind == Kind::real && std::isinf(cell.real)) {
    // A number of JSON that is beyond any double, as sqlite3 writes it.
    out += cell.real < 0 ? "-1e999" : "1e999";
  } else if (cell.kind == Kind::blob) {
    out += '"';
    if (is_utf8(cell.bytes)) {
      append_json_text(out, cell.bytes);
    } else {
      append_upper_hex(out, cell.bytes);
    }
    out += '"';
  } else {
    append_json_value(out, cell);
  }
}

void append_osquery_value(std::string& out, const ResultCell& cell) {
  out += '"';
  if (cell.kind == Kind::integer) append_integer(out, cell.integer);
  if (cell.kind == Kind::real) append_osquery_real(out, cell.real);
  append_json_text(out, cell.bytes);
  out += '"';
}

void append_osquery_number(std::string& out, const ResultCell& cell) {
  if (cell.kind == Kind::integer) return append_integer(out, cell.integer);
  if (std::isfinite(cell.real)) return append_rapidjson_real(out, cell.real);
  out += "null";
}

bool is_number(const ResultCell& cell) {
  return cell.kind == Kind::integer || cell.kind == Kind::real;
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

void append_csv_value(std::string& out, const ResultCell& cell) {
  switch (cell.kind) {
    case Kind::integer:
      return append_integer(out, cell.integer);
    case Kind::real:
      if (std::isfinite(cell.real)) append_real(out, cell.real);
      return;
    case Kind::text:
      return append_csv_text(out, cell.bytes);
    case Kind::blob:
      return append_base64(out, cell.bytes);
    case Kind::null:
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

std::vector<std::string> column_names(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; i++) {
    const char* name = sqlite3_column_name(statement, i);
    names.emplace_back(name == nullptr ? "" : name);
  }
  return names;
}

RowFormat::RowFormat(ResultFormat format, sqlite3_stmt* statement)
    : format_(format), names_(column_names(statement)) {
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

void RowFormat::append_row(std::string& out, ResultRow& row, bool first) const {
  if (format_ == ResultFormat::csv) return append_csv_row(out, row);
  if (format_ == ResultFormat::json) out += first ? "\n" : ",\n";
  append_object(out, row);
  if (format_ != ResultFormat::json) out += '\n';
}

void RowFormat::append_tail(std::string& out, bool any_row) const {
  if (format_ == ResultFormat::json) out += any_row ? "\n]\n" : "]\n";
}

void RowFormat::append_object(std::string& out, ResultRow& row) const {
  Pieces pieces(out);
  for (const Member& member : members_) {
    const ResultCell cell = row.cell(member.column);
    if (!is_osquery(format_) && add_small_member(pieces, member, cell)) continue;
    pieces.flush();
    out += member.key;
    if (format_ == ResultFormat::osquery_numerics && is_number(cell)) {
      append_osquery_number(out, cell);
    } else if (is_osquery(format_)) {
      append_osquery_value(out, cell);
    } else if (format_ == ResultFormat::shell) {
      append_shell_value(out, cell);
    } else {
      append_json_value(out, cell);
    }
  }
  pieces.add("}");
}

bool RowFormat::add_small_member(Pieces& pieces, const Member& member, const ResultCell& cell) {
  constexpr size_t kNumberDigits = 24;
  if (cell.kind != Kind::integer && cell.kind != Kind::text) return false;
  char* at = pieces.room(member.key.size() + std::max(cell.bytes.size() + 2, kNumberDigits));
  if (at == nullptr) return false;
  at += member.key.copy(at, member.key.size());
  if (cell.kind == Kind::integer) {
    pieces.took(std::to_chars(at, at + kNumberDigits, cell.integer).ptr);
    return true;
  }
  if (!is_plain_json(cell.bytes)) return false;
  *at++ = '"';
  at += cell.bytes.copy(at, cell.bytes.size());
  *at++ = '"';
  pieces.took(at);
  return true;
}

void RowFormat::append_csv_row(std::string& out, ResultRow& row) const {
  for (size_t i = 0; i < names_.size(); i++) {
    if (i > 0) out += ',';
    append_csv_value(out, row.cell(static_cast<int>(i)));
  }
  out += "\r\n";
}

}  // namespace auditql
