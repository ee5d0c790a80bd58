#pragma once

#include <cstddef>

#include "../values/sqlite_api.h"

namespace auditql {

/// osquery's SQL functions and collations with its semantics (osquery/sql/sqlite_*.cpp), auditql's
/// own, and versions of SQLite's quadratic built-ins that take linear time. Each registers one
/// group and returns an SQLite result code.
int register_functions(sqlite3* db);

int register_string_functions(sqlite3* db);
int register_regex_functions(sqlite3* db);
int register_encoding_functions(sqlite3* db);
int register_hash_functions(sqlite3* db);
int register_network_functions(sqlite3* db);
int register_math_functions(sqlite3* db);
int register_version_functions(sqlite3* db);
int register_launcher_function(sqlite3* db);
int register_path_functions(sqlite3* db);
int register_linear_time_builtins(sqlite3* db);
int register_carve_function(sqlite3* db);

/// A scalar function; `arguments` -1: any number.
struct ScalarFunction {
  const char* name;
  int arguments;
  void (*call)(sqlite3_context*, int, sqlite3_value**);
  bool deterministic = true;
};

template <size_t N>
int register_scalars(sqlite3* db, const ScalarFunction (&functions)[N]) {
  for (const ScalarFunction& each : functions) {
    const int flags =
        SQLITE_UTF8 | SQLITE_INNOCUOUS | (each.deterministic ? SQLITE_DETERMINISTIC : 0);
    const int code = sqlite3_create_function_v2(db, each.name, each.arguments, flags, nullptr,
                                                each.call, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

}  // namespace auditql
