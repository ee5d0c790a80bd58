#pragma once

#include "../values/sqlite_api.h"
#include "event_view.h"

namespace auditql {

/// Serves `auditql_health` from the file `health` of the view's directory.
/// Returns an SQLite result code.
int register_health_table(sqlite3* db, EventView& view);

}  // namespace auditql
