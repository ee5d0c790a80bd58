#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace auditql {

/// SQLite type with which a column is declared.
enum class SqlType : uint8_t { text, integer, bigint, unsigned_bigint, real, blob };

/// How a column lies in a segment. `absent` columns are always NULL and take no room.
enum class Storage : uint8_t { absent, u8, u16, u32, u64, i64, text, uuid };

/// Columns that are computed from another when they are read.
enum class Derivation : uint8_t {
  none,
  eid,         ///< number of the row, 16 decimal digits
  seconds,     ///< nanoseconds / 10^9
  bytes,       ///< the stored bytes as a BLOB
  unix_name,   ///< of a stored struct sockaddr: the bytes of its unix name as a BLOB
  cmdline,     ///< NUL-ended strings joined by spaces
  args_json,   ///< NUL-ended strings as a JSON array
  user_name,   ///< name of a user id, as the host has it when the row is read
  group_name,  ///< the same of a group id
  fact,        ///< a column of the newest row that another table has under the source's key
  alias,       ///< the same as the source column, under a second name
};

struct TableSpec;

/// One column of a table, as declared in schemas/tables/.
struct ColumnSpec {
  std::string_view name;
  SqlType type;
  Storage storage;  ///< `absent` for derived columns
  Derivation derivation;
  uint16_t source;  ///< derived: index of the column it is computed from
  bool hidden;
  bool hash_indexed;                 ///< point lookups go through an index in each segment
  bool filled;                       ///< text without a value is empty, and never NULL
  std::string_view collation;        ///< empty for BINARY
  const TableSpec* facts = nullptr;  ///< `fact`: the table that is looked into
  uint16_t fact = 0;                 ///< `fact`: its stored column
};

/// One event table.
struct TableSpec {
  std::string_view name;
  std::string_view sql;  ///< CREATE TABLE statement for sqlite3_declare_vtab
  std::span<const ColumnSpec> columns;
  uint16_t ntime;        ///< index of the column `ntime`
  uint64_t layout_hash;  ///< changes whenever stored columns or their order change
};

}  // namespace auditql
