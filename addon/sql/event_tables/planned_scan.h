#pragma once

#include <cstdint>
#include <vector>

#include "../../store/table_reader.h"
#include "../values/sqlite_api.h"
#include "event_plan.h"

namespace auditql {

/// What a plan makes of the values it was given.
struct PlannedScan {
  ScanRequest request;
  bool empty = false;  ///< no row can match
  uint64_t offset = 0;
  uint64_t limit = UINT64_MAX;
};

PlannedScan read_event_plan(const std::vector<AccessPath>& paths, const char* plan,
                            sqlite3_value** values);

}  // namespace auditql
