#pragma once

#include <memory>

#include "../values/sqlite_api.h"
#include "table_generator.h"

namespace auditql {

/// Serves a state table under its name, with osquery's rules for constraints. Returns an SQLite
/// result code.
int register_state_table(sqlite3* db, StateTable table, std::shared_ptr<TableGenerator> generator);

}  // namespace auditql
