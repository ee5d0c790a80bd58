#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../values/sqlite_api.h"
#include "../values/value_interval.h"
#include "event_view.h"

namespace auditql {

/// A column that can narrow a scan.
struct AccessPath {
  enum class Kind : uint8_t { rowid, eid, seconds, ntime, number_key, uuid_key };
  Kind kind;
  int column;  ///< -1: rowid
  std::string_view name;
  bool is_key() const { return kind == Kind::number_key || kind == Kind::uuid_key; }
  bool is_row_number() const { return kind == Kind::rowid || kind == Kind::eid; }
};

/// The columns of a table that can narrow a scan of it.
std::vector<AccessPath> access_paths(const TableSpec& spec);

/// xBestIndex answers with a plan in `idxStr`, which EXPLAIN QUERY PLAN shows: a `column operator`
/// token for each value that xFilter gets (`pid= eid>`, `limit=`, `offset=`), and these flags in
/// `idxNum`.
enum PlanFlags : int {
  kDescending = 1,  ///< newest first
  kNoColumns = 2,   ///< nothing of a row is read
  kGrouped = 4,     ///< only grouped_columns() are read; equal rows come together
};

/// A grouped column's number + 1 takes a byte of the plan's flags, above the one with the flags.
inline constexpr int kGroupShift = 8;
/// The columns of a grouped scan, of the plan's flags; one or two.
std::vector<uint16_t> grouped_columns(int flags);

struct PlannedTable {
  const TableSpec& spec;
  const std::vector<AccessPath>& paths;
  EventView& view;
};

/// Chooses how to scan; returns an SQLite result code.
int plan_event_scan(const PlannedTable& table, sqlite3_index_info* info);

}  // namespace auditql
