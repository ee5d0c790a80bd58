#include "result_row.h"

namespace auditql {

ResultCell StatementRow::cell(int column) {
  using Kind = ResultCell::Kind;
  sqlite3_value* value = sqlite3_column_value(statement_, column);
  const int type = sqlite3_value_type(value);
  switch (type) {
    case SQLITE_INTEGER:
      return {Kind::integer, sqlite3_value_int64(value), 0, {}};
    case SQLITE_FLOAT:
      return {Kind::real, 0, sqlite3_value_double(value), {}};
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
      // Text as a BLOB, too: sqlite3_value_text() writes a NUL behind it, in other memory at times.
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
      return {type == SQLITE_TEXT ? Kind::text : Kind::blob, 0, 0,
              bytes == nullptr ? std::string_view() : std::string_view(bytes, size)};
    }
    default:
      return {};
  }
}

}  // namespace auditql
