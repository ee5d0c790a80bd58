#pragma once

#include "../../store/table_spec.h"
#include "../values/sqlite_api.h"
#include "event_view.h"

namespace auditql {

/// Serves one event table under its name. `view` must outlive the connection.
/// Returns an SQLite result code.
int register_event_table(sqlite3* db, const TableSpec& spec, EventView& view);

}  // namespace auditql
