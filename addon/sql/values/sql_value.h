#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "sqlite_api.h"

namespace auditql {

/// Bytes that are not text.
struct SqlBlob {
  std::string bytes;
};

/// A value on its way into or out of SQLite.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string, SqlBlob>;

/// Copies a value that SQLite hands over; it may be kept.
SqlValue copy_sql_value(sqlite3_value* value);

/// Binds parameter `index` (1-based); returns SQLite's result code.
int bind_sql_value(sqlite3_stmt* statement, int index, const SqlValue& value);

}  // namespace auditql
