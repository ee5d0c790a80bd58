#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../../store/table_spec.h"
#include "../../system/result.h"
#include "../values/sql_value.h"

namespace auditql {

/// Comparisons that are handed to a state table.
enum class ConstraintOperator : uint8_t {
  equal,
  in,
  less,
  less_equal,
  greater,
  greater_equal,
  like,
  glob,
  regexp,
};

/// A constraint with its value, or all values of an IN.
struct TableConstraint {
  uint16_t column;
  ConstraintOperator op;
  std::vector<SqlValue> values;
};

/// What one scan is asked for. Rows that do not match may be returned: SQLite filters them.
struct TableRequest {
  std::vector<TableConstraint> constraints;
  std::vector<uint16_t> columns;  ///< that the query reads, in declared order
};

/// Declaration of a column of a state table, with osquery's meaning of the flags.
struct StateColumn {
  std::string name;
  SqlType type = SqlType::text;
  bool index = false;       ///< `=` finds its rows quickly
  bool required = false;    ///< a query without a constraint on a required column is refused
  bool additional = false;  ///< constraints on it change what is returned
  bool optimized = false;   ///< IN is handed over all at once
  bool scope = false;       ///< `=` chooses what is read; without it the table reads a default
  bool patterns = false;    ///< LIKE and GLOB are looked up like `=`
  bool filled = false;      ///< text without a value is empty, as in osquery, and never NULL
  std::string collation;    ///< by which `=` looks up, beside BINARY; empty: BINARY alone
  std::vector<std::string>
      aliases;  ///< hidden columns of the same value, declared after all others
};

struct StateTable {
  std::string name;
  std::string sql;  ///< CREATE TABLE statement for sqlite3_declare_vtab
  std::vector<StateColumn> columns;
  bool user_data = false;  ///< without `=` on its scope it shows the daemon's own account alone
};

/// One pass over a state table's rows.
class StateScan {
 public:
  virtual ~StateScan() = default;
  /// Fills `row`, one value per declared column (aliases excluded); only the requested columns need
  /// be set. False at the end; an error fails the query with its message.
  virtual Result<bool> next(std::vector<SqlValue>& row) = 0;
};

/// Where the rows of a state table come from. Called on the thread that steps the statement.
class TableGenerator {
 public:
  virtual ~TableGenerator() = default;
  virtual Result<std::unique_ptr<StateScan>> generate(const TableRequest& request) = 0;
};

}  // namespace auditql
