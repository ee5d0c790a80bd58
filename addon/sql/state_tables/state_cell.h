#pragma once

#include "../values/sql_value.h"
#include "table_generator.h"

namespace auditql {

/// Gives SQLite a generated value as the column's declared type: numbers written as text become
/// numbers by osquery's rules (base by prefix; empty or unreadable text is NULL), numbers in text
/// columns become text. In a column that is `filled`, no value is empty text (osquery's
/// DynamicTableRow::get_column() makes it so).
void emit_state_cell(sqlite3_context* context, const StateColumn& column, const SqlValue& value);

}  // namespace auditql
