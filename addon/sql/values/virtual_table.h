#pragma once

#include <string>

#include "sqlite_api.h"

namespace auditql {

/// Replaces the message with which the running statement will fail.
inline int fail_table(sqlite3_vtab* table, const std::string& message, int code = SQLITE_ERROR) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", message.c_str());
  return code;
}

/// Callbacks of a read-only module whose tables exist without CREATE VIRTUAL TABLE: `Table` derives
/// from sqlite3_vtab, `Cursor` from sqlite3_vtab_cursor. SQLite calls all of them on the thread
/// that steps the statement: connect, best_index, open, filter, eof, column, next, ..., close,
/// disconnect.
///
///   Table:  static int connect(sqlite3*, void* aux, Table** out, char** error)
///           int best_index(sqlite3_index_info*)
///   Cursor: explicit Cursor(Table&); int filter(int plan_number, const char* plan,
///   sqlite3_value**)
///           int next(); bool eof() const; int column(sqlite3_context*, int); int64_t rowid()
template <typename Table, typename Cursor>
struct EponymousModule {
  static int connect(sqlite3* db, void* aux, int, const char* const*, sqlite3_vtab** out,
                     char** error) {
    Table* table = nullptr;
    const int code = Table::connect(db, aux, &table, error);
    *out = table;
    return code;
  }
  static int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
    return static_cast<Table*>(table)->best_index(info);
  }
  static int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
  }
  static int open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
    *out = new Cursor(*static_cast<Table*>(table));
    return SQLITE_OK;
  }
  static int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
  }
  static int filter(sqlite3_vtab_cursor* cursor, int number, const char* plan, int,
                    sqlite3_value** values) {
    return static_cast<Cursor*>(cursor)->filter(number, plan, values);
  }
  static int next(sqlite3_vtab_cursor* cursor) { return static_cast<Cursor*>(cursor)->next(); }
  static int eof(sqlite3_vtab_cursor* cursor) {
    return static_cast<Cursor*>(cursor)->eof() ? 1 : 0;
  }
  static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
    return static_cast<Cursor*>(cursor)->column(context, index);
  }
  static int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = static_cast<Cursor*>(cursor)->rowid();
    return SQLITE_OK;
  }

  static const sqlite3_module* module() {
    static const sqlite3_module kModule = [] {
      sqlite3_module built{};
      built.xConnect = connect;
      built.xBestIndex = best_index;
      built.xDisconnect = disconnect;
      built.xOpen = open;
      built.xClose = close;
      built.xFilter = filter;
      built.xNext = next;
      built.xEof = eof;
      built.xColumn = column;
      built.xRowid = rowid;
      return built;
    }();
    return &kModule;
  }
};

}  // namespace auditql
