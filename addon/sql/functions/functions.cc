#include "functions.h"

namespace auditql {

int register_functions(sqlite3* db) {
  int (*const groups[])(sqlite3*) = {
      register_string_functions,     register_regex_functions,   register_encoding_functions,
      register_hash_functions,       register_network_functions, register_math_functions,
      register_version_functions,    register_launcher_function, register_path_functions,
      register_linear_time_builtins, register_carve_function,
  };
  for (const auto group : groups) {
    const int code = group(db);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

}  // namespace auditql
