#include "statement_program.h"

namespace auditql {

std::vector<Instruction> program_of(sqlite3* db, const std::string& sql) {
  std::vector<Instruction> program;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, ("EXPLAIN " + sql).c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    return program;
  }
  const auto text = [&](int column) {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return std::string(value == nullptr ? "" : value);
  };
  while (sqlite3_step(statement) == SQLITE_ROW) {
    program.push_back({text(1), sqlite3_column_int(statement, 2), sqlite3_column_int(statement, 3),
                       sqlite3_column_int(statement, 4), text(5)});
  }
  sqlite3_finalize(statement);
  return program;
}

}  // namespace auditql
