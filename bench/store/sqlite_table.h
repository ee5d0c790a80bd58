#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "sql/event_tables/event_cell.h"
#include "store/row.h"
#include "store/table_spec.h"

namespace auditql::bench {

/// The rows of an event table in an ordinary SQLite table `process_rows`: the columns that the
/// store holds, under their names, as SQL shows them (`cmdline` in place of `args_bytes`), and
/// `time`.
class SqliteTable {
 public:
  static constexpr uint64_t kRowsPerTransaction = 1000;

  SqliteTable(sqlite3* db, const TableSpec& spec) : db_(db), spec_(spec) {
    std::string columns, parameters;
    for (const ColumnSpec& column : spec.columns) {
      if (column.storage == Storage::absent) continue;
      columns += name_of(column) + (is_text(column) ? " TEXT, " : " INTEGER, ");
      parameters += "?, ";
    }
    execute("CREATE TABLE process_rows (" + columns + "time INTEGER)");
    sqlite3_prepare_v2(db, ("INSERT INTO process_rows VALUES (" + parameters + "?)").c_str(), -1,
                       &insert_, nullptr);
  }
  ~SqliteTable() { sqlite3_finalize(insert_); }
  SqliteTable(const SqliteTable&) = delete;
  SqliteTable& operator=(const SqliteTable&) = delete;

  /// The two columns that most lookups name.
  void create_indexes() {
    execute("CREATE INDEX by_pid ON process_rows (pid)");
    execute("CREATE INDEX by_time ON process_rows (time)");
  }

  void append(const Row& row) {
    if (appended_++ % kRowsPerTransaction == 0) execute("BEGIN");
    int parameter = 1;
    scratch_.clear();
    scratch_.reserve(kScratchBytes);
    for (size_t i = 0; i < spec_.columns.size(); i++) {
      if (spec_.columns[i].storage != Storage::absent) bind(parameter++, i, row);
    }
    sqlite3_bind_int64(insert_, parameter,
                       static_cast<sqlite3_int64>(row.cell(spec_.ntime).number / 1'000'000'000));
    if (sqlite3_step(insert_) != SQLITE_DONE) fail();
    sqlite3_reset(insert_);
    if (appended_ % kRowsPerTransaction == 0) execute("COMMIT");
  }
  void finish() {
    if (appended_ % kRowsPerTransaction != 0) execute("COMMIT");
  }

  /// Bytes of all pages, those of indexes among them.
  uint64_t bytes() { return number("PRAGMA page_count") * number("PRAGMA page_size"); }

  void execute(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

 private:
  // Texts that are computed of a row lie here until the row is stored: no reallocation may move
  // them.
  static constexpr size_t kScratchBytes = 64 * 1024;

  static bool is_text(const ColumnSpec& column) {
    return column.storage == Storage::text || column.storage == Storage::uuid;
  }
  static std::string name_of(const ColumnSpec& column) {
    const std::string name(column.name == "args_bytes" ? "cmdline" : column.name);
    return '"' + name + '"';
  }

  void bind(int parameter, size_t column, const Row& row) {
    const ColumnSpec& spec = spec_.columns[column];
    const Row::Cell& cell = row.cell(column);
    if (!row.has(column)) {
      sqlite3_bind_null(insert_, parameter);
    } else if (spec.storage == Storage::uuid) {
      bind_text(parameter, keep(uuid_text(cell.bytes).view()));
    } else if (spec.type == SqlType::blob) {
      bind_text(parameter, keep_joined(cell.bytes));
    } else if (spec.storage == Storage::text) {
      bind_text(parameter, cell.bytes);
    } else {
      sqlite3_bind_int64(insert_, parameter, static_cast<sqlite3_int64>(cell.number));
    }
  }
  void bind_text(int parameter, std::string_view text) {
    sqlite3_bind_text(insert_, parameter, text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
  }
  std::string_view keep(std::string_view text) {
    const size_t start = scratch_.size();
    scratch_ += text;
    return std::string_view(scratch_).substr(start);
  }
  std::string_view keep_joined(std::string_view strings) {
    const size_t start = scratch_.size();
    append_joined_strings(scratch_, strings);
    return std::string_view(scratch_).substr(start);
  }

  uint64_t number(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
    const bool found = sqlite3_step(statement) == SQLITE_ROW;
    const auto value = found ? static_cast<uint64_t>(sqlite3_column_int64(statement, 0)) : 0;
    sqlite3_finalize(statement);
    return value;
  }
  [[noreturn]] void fail() {
    std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(db_));
    std::exit(1);
  }

  sqlite3* db_;
  const TableSpec& spec_;
  sqlite3_stmt* insert_ = nullptr;
  uint64_t appended_ = 0;
  std::string scratch_;
};

}  // namespace auditql::bench
