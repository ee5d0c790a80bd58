#pragma once

#include <string>

#include "../values/sqlite_api.h"
#include "event_view.h"

namespace auditql {

/// Whether the statement's program does nothing with the rows of its only loop over a table but
/// count them by count(*), perhaps in groups. One row with a weight may then stand for many: the
/// count is taken from the row numbers, without a step per row.
bool is_count_of_rows(sqlite3* db, const std::string& sql);

/// Replaces count(*) by one that adds the weight of the row it is called for, which the cursor of
/// an event table sets while EventView::counting(). Returns an SQLite result code.
int register_count(sqlite3* db, EventView& view);

}  // namespace auditql
