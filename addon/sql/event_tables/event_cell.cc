#include "event_cell.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "../../bytes/hex.h"
#include "../../bytes/json_text.h"
#include "../../bytes/utf8.h"
#include "../../system/clocks.h"
#include "../values/id_names.h"
#include "../values/value_interval.h"

namespace auditql {

namespace {

using CellKind = ResultCell::Kind;

ResultCell integer_cell(int64_t number) { return {CellKind::integer, number, 0, {}}; }
ResultCell text_cell(std::string_view text) { return {CellKind::text, 0, 0, text}; }
ResultCell blob_cell(std::string_view bytes) { return {CellKind::blob, 0, 0, bytes}; }

ResultCell shown_cell(const StoredCell& cell, const ColumnSpec& column, std::string& buffer) {
  switch (cell.kind) {
    case StoredCell::Kind::number:
      return integer_cell(cell.number);
    case StoredCell::Kind::uuid:
      return text_cell(buffer.assign(uuid_text(cell.bytes).view()));
    case StoredCell::Kind::bytes:
      if (column.type == SqlType::blob) return blob_cell(cell.bytes);
      if (cell.utf8) return text_cell(cell.bytes);
      buffer.clear();
      append_escaped_text(buffer, cell.bytes);
      return text_cell(buffer);
    case StoredCell::Kind::null:
      break;
  }
  return {};
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

ResultCell joined_cell(const StoredCell& cell, std::string& buffer) {
  buffer.clear();
  append_joined_strings(buffer, cell.bytes);
  if (cell.utf8) return text_cell(buffer);
  std::string escaped;
  append_escaped_text(escaped, buffer);
  buffer = std::move(escaped);
  return text_cell(buffer);
}

/// What another table says about what the cell names. The row that it stands in may go with the
/// next lookup: its bytes are copied.
ResultCell fact_cell(const EventRow& row, const ColumnSpec& column, const StoredCell& source,
                     std::string& buffer) {
  const auto key = fact_key(source);
  if (!key) return {};
  const StoredCell fact = row.facts.cell(*column.facts, column.fact, *key);
  ResultCell shown = shown_cell(fact, column, buffer);
  if (fact.kind == StoredCell::Kind::bytes && fact.utf8) shown.bytes = buffer.assign(fact.bytes);
  return shown;
}

ResultCell name_cell(const std::string* name, std::string& buffer) {
  return name == nullptr ? ResultCell{} : text_cell(buffer.assign(*name));
}

/// unix(7): a path ends at its NUL or where the address ends; an abstract name begins with a NUL
/// byte and is all of the rest. The family is in the byte order of the caller's machine.
ResultCell unix_name_cell(std::string_view address) {
  using namespace std::string_view_literals;
  const bool is_unix = address.starts_with("\1\0"sv) || address.starts_with("\0\1"sv);
  if (!is_unix || address.size() == 2) return {};
  const std::string_view name = address.substr(2);
  return blob_cell(name.front() == '\0' ? name : name.substr(0, name.find('\0')));
}

/// A value computed from a stored cell that is not NULL.
ResultCell derived_cell(Derivation derivation, const StoredCell& cell, std::string& buffer) {
  switch (derivation) {
    case Derivation::seconds:
      return integer_cell(static_cast<int64_t>(static_cast<uint64_t>(cell.number) / kNsPerSecond));
    case Derivation::bytes:
      return blob_cell(cell.bytes);
    case Derivation::unix_name:
      return unix_name_cell(cell.bytes);
    case Derivation::cmdline:
      return joined_cell(cell, buffer);
    case Derivation::args_json:
      buffer.clear();
      append_json_strings(buffer, cell.bytes);
      return text_cell(buffer);
    case Derivation::user_name:
      return name_cell(user_name(static_cast<uint32_t>(cell.number)), buffer);
    case Derivation::group_name:
      return name_cell(group_name(static_cast<uint32_t>(cell.number)), buffer);
    default:
      return {};
  }
}

/// The value of a column that is no alias, as far as there is one.
ResultCell known_cell(const EventRow& row, uint16_t column, std::string& buffer) {
  const ColumnSpec& declared = row.spec.columns[column];
  if (declared.derivation == Derivation::none) {
    if (declared.storage == Storage::absent) return {};
    return shown_cell(row.scan.cell(column), declared, buffer);
  }
  if (declared.derivation == Derivation::eid) {
    return text_cell(buffer.assign(eid_text(row.scan.eid()).view()));
  }
  const StoredCell cell = row.scan.cell(declared.source);
  if (cell.kind == StoredCell::Kind::null) return {};
  if (declared.derivation == Derivation::fact) return fact_cell(row, declared, cell, buffer);
  return derived_cell(declared.derivation, cell, buffer);
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

ResultCell event_cell(const EventRow& row, uint16_t column, std::string& buffer) {
  while (row.spec.columns[column].derivation == Derivation::alias) {
    column = row.spec.columns[column].source;
  }
  const ResultCell known = known_cell(row, column, buffer);
  const bool is_empty = known.kind == CellKind::null && row.spec.columns[column].filled;
  return is_empty ? text_cell("") : known;
}

}  // namespace auditql
