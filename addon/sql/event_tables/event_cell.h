#pragma once

#include <string>

#include "../../store/table_reader.h"
#include "../values/result_row.h"
#include "enrichment_lookup.h"

namespace auditql {

/// The row that `scan` stands on.
struct EventRow {
  const TableSpec& spec;
  const Scan& scan;
  EnrichmentLookup& facts;
};

/// The value of a column, stored or derived. Its bytes lie in the mapped file or in `buffer`, or
/// stay elsewhere until the next call.
ResultCell event_cell(const EventRow& row, uint16_t column, std::string& buffer);

/// A uuid as shown: 8-4-4-4-12 lower-case hex digits.
struct UuidText {
  char characters[36];
  std::string_view view() const { return {characters, sizeof characters}; }
};
UuidText uuid_text(std::string_view sixteen_bytes);

/// NUL-ended strings joined by one space.
void append_joined_strings(std::string& out, std::string_view nul_ended);

}  // namespace auditql
