#pragma once

#include <string>

#include "../store/table_reader.h"
#include "sqlite_api.h"

namespace auditql {

/// The row that `scan` stands on.
struct EventRow {
  const TableSpec& spec;
  const Scan& scan;
  /// Stored bytes stay where they are for as long as SQLite may hold a value, so that it needs no
  /// copy of them.
  bool keeps_bytes;
};

/// Gives SQLite the value of a column, stored or derived. `buffer` is room that is reused from cell
/// to cell.
void emit_event_cell(sqlite3_context* context, const EventRow& row, uint16_t column,
                     std::string& buffer);

/// A uuid as shown: 8-4-4-4-12 lower-case hex digits.
struct UuidText {
  char characters[36];
  std::string_view view() const { return {characters, sizeof characters}; }
};
UuidText uuid_text(std::string_view sixteen_bytes);

/// NUL-ended strings joined by one space.
void append_joined_strings(std::string& out, std::string_view nul_ended);

}  // namespace auditql
