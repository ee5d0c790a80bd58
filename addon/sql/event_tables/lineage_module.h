#pragma once

#include "../values/sqlite_api.h"
#include "event_view.h"

namespace auditql {

/// Table-valued functions over the stored process events:
///   process_ancestry(uuid)     the process and its ancestors, nearest first
///   process_descendants(uuid)  the process and all that descends from it, nearest first
/// An unknown uuid has no rows; an ancestor of which no event is stored any more ends the walk.
/// Returns an SQLite result code.
int register_lineage_tables(sqlite3* db, EventView& view);

}  // namespace auditql
