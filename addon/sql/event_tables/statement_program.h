#pragma once

#include <string>
#include <vector>

#include "../values/sqlite_api.h"

namespace auditql {

/// One instruction of a statement's program (https://sqlite.org/opcode.html).
struct Instruction {
  std::string opcode;
  int p1, p2, p3;
  std::string p4;
};

/// The program that SQLite makes of the statement; empty where EXPLAIN cannot tell.
std::vector<Instruction> program_of(sqlite3* db, const std::string& sql);

}  // namespace auditql
