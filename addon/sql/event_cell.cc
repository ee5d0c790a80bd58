#include "event_cell.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "user_names.h"
#include "utf8_text.h"
#include "value_interval.h"

namespace auditql {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

constexpr std::array<std::array<char, 2>, 256> hex_pairs() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < 256; byte++) pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return pairs;
}
constexpr auto kHexPairs = hex_pairs();

void emit_text(sqlite3_context* context, std::string_view text) {
  // Buffers are written anew while SQLite still holds the value: it takes a copy.
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void emit_stored_text(sqlite3_context* context, const StoredCell& cell, bool keeps_bytes,
                      std::string& buffer) {
  if (cell.utf8) {
    return sqlite3_result_text64(context, cell.bytes.data(), cell.bytes.size(),
                                 keeps_bytes ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  buffer.clear();
  append_escaped_text(buffer, cell.bytes);
  emit_text(context, buffer);
}

void emit_stored(sqlite3_context* context, const EventRow& row, uint16_t column,
                 std::string& buffer) {
  const StoredCell cell = row.scan.cell(column);
  switch (cell.kind) {
    case StoredCell::Kind::null:
      return;  // SQLite's own default
    case StoredCell::Kind::number:
      return sqlite3_result_int64(context, cell.number);
    case StoredCell::Kind::uuid:
      return emit_text(context, uuid_text(cell.bytes).view());
    case StoredCell::Kind::bytes:
      if (row.spec.columns[column].type != SqlType::blob) {
        return emit_stored_text(context, cell, row.keeps_bytes, buffer);
      }
      sqlite3_result_blob64(context, cell.bytes.data(), cell.bytes.size(), SQLITE_TRANSIENT);
  }
}

/// Without the NUL that ends the last string.
std::string_view without_last_nul(std::string_view strings) {
  if (!strings.empty() && strings.back() == '\0') strings.remove_suffix(1);
  return strings;
}

void append_json_strings(std::string& out, std::string_view nul_ended) {
  out += '[';
  bool first = true;
  while (!nul_ended.empty()) {
    const size_t end = std::min(nul_ended.find('\0'), nul_ended.size());
    out += first ? "\"" : ",\"";
    append_json_text(out, nul_ended.substr(0, end));
    out += '"';
    first = false;
    nul_ended.remove_prefix(std::min(end + 1, nul_ended.size()));
  }
  out += ']';
}

void emit_joined(sqlite3_context* context, const StoredCell& cell, std::string& buffer) {
  buffer.clear();
  append_joined_strings(buffer, cell.bytes);
  if (cell.utf8) return emit_text(context, buffer);
  std::string escaped;
  append_escaped_text(escaped, buffer);
  emit_text(context, escaped);
}

void emit_user_name(sqlite3_context* context, int64_t uid) {
  const std::string* name = user_name(static_cast<uint32_t>(uid));
  if (name != nullptr) emit_text(context, *name);
}

/// Values computed from a stored cell that is not NULL.
void emit_derived(sqlite3_context* context, Derivation derivation, const StoredCell& cell,
                  std::string& buffer) {
  switch (derivation) {
    case Derivation::seconds:
      return sqlite3_result_int64(
          context, static_cast<int64_t>(static_cast<uint64_t>(cell.number) / kNsPerSecond));
    case Derivation::bytes:
      return sqlite3_result_blob64(context, cell.bytes.data(), cell.bytes.size(), SQLITE_TRANSIENT);
    case Derivation::cmdline:
      return emit_joined(context, cell, buffer);
    case Derivation::args_json:
      buffer.clear();
      append_json_strings(buffer, cell.bytes);
      return emit_text(context, buffer);
    case Derivation::byte_length:
      return sqlite3_result_int64(context,
                                  static_cast<int64_t>(without_last_nul(cell.bytes).size()));
    case Derivation::user_name:
      return emit_user_name(context, cell.number);
    default:
      return;
  }
}

}  // namespace

UuidText uuid_text(std::string_view sixteen_bytes) {
  // Where the digits of each byte stand between the hyphens.
  constexpr uint8_t kPlaces[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
  UuidText text;
  for (const size_t hyphen : {8, 13, 18, 23}) text.characters[hyphen] = '-';
  for (size_t i = 0; i < 16; i++) {
    const auto& digits = kHexPairs[static_cast<unsigned char>(sixteen_bytes[i])];
    std::memcpy(text.characters + kPlaces[i], digits.data(), digits.size());
  }
  return text;
}

void append_joined_strings(std::string& out, std::string_view nul_ended) {
  const size_t start = out.size();
  out += without_last_nul(nul_ended);
  for (size_t i = start; i < out.size(); i++) {
    if (out[i] == '\0') out[i] = ' ';
  }
}

void emit_event_cell(sqlite3_context* context, const EventRow& row, uint16_t column,
                     std::string& buffer) {
  const ColumnSpec* declared = &row.spec.columns[column];
  while (declared->derivation == Derivation::alias) {
    column = declared->source;
    declared = &row.spec.columns[column];
  }
  if (declared->derivation == Derivation::eid) {
    return emit_text(context, eid_text(row.scan.eid()).view());
  }
  if (declared->derivation == Derivation::none) {
    if (declared->storage != Storage::absent) emit_stored(context, row, column, buffer);
    return;
  }
  const StoredCell cell = row.scan.cell(declared->source);
  if (cell.kind != StoredCell::Kind::null) {
    emit_derived(context, declared->derivation, cell, buffer);
  }
}

}  // namespace auditql
