#include "event_table_module.h"

#include <algorithm>
#include <memory>

#include "../values/virtual_table.h"
#include "column_groups.h"
#include "event_cell.h"
#include "event_plan.h"
#include "planned_scan.h"

namespace auditql {

namespace {

/// What a module needs to connect its table.
struct Registration {
  const TableSpec& spec;
  EventView& view;
};

class EventVtab : public sqlite3_vtab {
 public:
  explicit EventVtab(const Registration& registration)
      : sqlite3_vtab{},
        spec(registration.spec),
        view(registration.view),
        paths(access_paths(registration.spec)) {}

  static int connect(sqlite3* db, void* aux, EventVtab** out, char** error) {
    const auto& registration = *static_cast<Registration*>(aux);
    const auto opened = registration.view.reader(registration.spec);
    if (!opened.ok()) {
      *error = sqlite3_mprintf("%s", opened.error().message.c_str());
      return SQLITE_ERROR;
    }
    const int code = sqlite3_declare_vtab(db, std::string(registration.spec.sql).c_str());
    if (code != SQLITE_OK) return code;
    *out = new EventVtab(registration);
    return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }

  int best_index(sqlite3_index_info* info) {
    view.note_planned(spec);
    return plan_event_scan({spec, paths, view}, info);
  }

  const TableSpec& spec;
  EventView& view;
  const std::vector<AccessPath> paths;
};

class EventCursor : public sqlite3_vtab_cursor, public OpenRows {
 public:
  explicit EventCursor(EventVtab& table) : sqlite3_vtab_cursor{}, table_(table) {
    table_.view.cursor_opened();
  }
  ~EventCursor() override {
    drop_scan();
    table_.view.cursor_closed();
  }

  int filter(int flags, const char* plan, sqlite3_value** values) {
    drop_scan();
    at_end_ = true;
    PlannedScan planned = read_event_plan(table_.paths, plan, values);
    planned.request.descending = (flags & kDescending) != 0;
    const auto reader = table_.view.reader(table_.spec);
    if (!reader.ok()) return fail_table(pVtab, reader.error().message);
    if (planned.empty || reader.value() == nullptr) return SQLITE_OK;
    const Snapshot seen = table_.view.snapshot(table_.spec);
    if (!narrow_to(seen, planned)) return SQLITE_OK;
    const bool counted = (flags & kNoColumns) != 0 && table_.view.counting();
    table_.view.set_row_weight(1);
    if (counted && seen.missing == 0 && is_run(planned.request)) return count_run(planned.request);
    scan_ = reader.value()->scan(seen, planned.request);
    for (; planned.offset > 0 && scan_->next(); planned.offset--) {
    }
    left_ = planned.limit;
    if ((flags & kGrouped) != 0) return group_rows(flags);
    table_.view.set_open_rows(this);
    return next();
  }

  int next() {
    if (groups_ != nullptr) return next_of_group();
    if (left_ == 0 || scan_ == nullptr) return end();
    left_--;
    at_end_ = false;
    return scan_->next() ? SQLITE_OK : end();
  }
  bool eof() const { return at_end_; }
  int64_t rowid() const { return scan_ == nullptr ? 0 : static_cast<int64_t>(scan_->eid()); }
  int column(sqlite3_context* context, int index) {
    if (groups_ != nullptr) {
      groups_->emit(context, group_, static_cast<uint16_t>(index));
    } else if (scan_ != nullptr) {
      emit(context, static_cast<uint16_t>(index));
    }
    return SQLITE_OK;
  }

  bool advance() override { return next() == SQLITE_OK && !at_end_; }
  bool damaged() const override { return scan_ != nullptr && scan_->damaged(); }
  ResultCell cell(uint16_t column, std::string& buffer) const override {
    return event_cell({table_.spec, *scan_, table_.view.facts()}, column, buffer);
  }

 private:
  void emit(sqlite3_context* context, uint16_t column) {
    const ResultCell value = cell(column, buffer_);
    if (value.kind == ResultCell::Kind::integer) {
      sqlite3_result_int64(context, value.integer);
    } else if (value.kind != ResultCell::Kind::null) {
      // Bytes in the mapped file stay where they are for as long as SQLite may hold the value.
      const bool in_file = table_.spec.columns[column].storage == Storage::text &&
                           value.bytes.data() != buffer_.data();
      const auto destroy =
          in_file && table_.view.holds_snapshots() ? SQLITE_STATIC : SQLITE_TRANSIENT;
      if (value.kind == ResultCell::Kind::text) {
        sqlite3_result_text64(context, value.bytes.data(), value.bytes.size(), destroy,
                              SQLITE_UTF8);
      } else {
        sqlite3_result_blob64(context, value.bytes.data(), value.bytes.size(), destroy);
      }
    }
  }

  /// A run of row numbers: every number in it is a row.
  static bool is_run(const ScanRequest& request) {
    return !request.point && request.min_ntime == 0 && request.max_ntime == UINT64_MAX;
  }

  /// Cuts the row numbers to the snapshot, and to OFFSET and LIMIT where every number is a row;
  /// false when none is left.
  static bool narrow_to(const Snapshot& seen, PlannedScan& planned) {
    ScanRequest& request = planned.request;
    if (seen.first_eid >= seen.end_eid || planned.limit == 0) return false;
    request.min_eid = std::max(request.min_eid, seen.first_eid);
    request.max_eid = std::min(request.max_eid, seen.end_eid - 1);
    if (request.min_eid > request.max_eid) return false;
    const bool bounded = planned.offset > 0 || planned.limit < UINT64_MAX;
    if (seen.missing > 0 || !bounded || !is_run(request)) return true;
    const uint64_t rows = request.max_eid - request.min_eid + 1;
    if (planned.offset >= rows) return false;
    const uint64_t kept = std::min(rows - planned.offset, planned.limit);
    uint64_t& near_end = request.descending ? request.max_eid : request.min_eid;
    near_end = request.descending ? near_end - planned.offset : near_end + planned.offset;
    uint64_t& far_end = request.descending ? request.min_eid : request.max_eid;
    far_end = request.descending ? near_end - kept + 1 : near_end + kept - 1;
    planned.offset = 0;
    return true;
  }

  int count_run(const ScanRequest& request) {
    table_.view.set_row_weight(request.max_eid - request.min_eid + 1);
    at_end_ = false;
    return SQLITE_OK;
  }

  /// Reads the whole scan at once: from here on the groups stand for its rows.
  int group_rows(int flags) {
    groups_ = std::make_unique<ColumnGroups>(table_.spec, grouped_columns(flags));
    while (scan_->next()) groups_->add(*scan_);
    groups_->finish();
    group_ = 0;
    left_ = 0;
    if (groups_->size() == 0) return end();
    return start_group();
  }

  /// While only rows are counted, one row with the group's weight stands for all.
  int start_group() {
    const bool counting = table_.view.counting();
    left_ = counting ? 1 : groups_->rows(group_);
    if (counting) table_.view.set_row_weight(groups_->rows(group_));
    at_end_ = false;
    return SQLITE_OK;
  }

  int next_of_group() {
    if (--left_ > 0) return SQLITE_OK;
    return ++group_ < groups_->size() ? start_group() : end();
  }

  int end() {
    at_end_ = true;
    if (scan_ == nullptr || !scan_->damaged()) return SQLITE_OK;
    return fail_table(
        pVtab, "files of " + std::string(table_.spec.name) + " were damaged during the query",
        SQLITE_CORRUPT_VTAB);
  }

  void drop_scan() {
    if (scan_ != nullptr) table_.view.count_evicted(scan_->evicted());
    if (table_.view.open_rows() == this) table_.view.set_open_rows(nullptr);
    scan_.reset();
    groups_.reset();
  }

  EventVtab& table_;
  std::unique_ptr<Scan> scan_;
  bool at_end_ = true;
  uint64_t left_ = 0;                     ///< rows still wanted, or of the group
  std::unique_ptr<ColumnGroups> groups_;  ///< when rows are grouped
  size_t group_ = 0;
  std::string buffer_;
};

}  // namespace

int register_event_table(sqlite3* db, const TableSpec& spec, EventView& view) {
  auto registration = std::make_unique<Registration>(Registration{spec, view});
  return sqlite3_create_module_v2(
      db, std::string(spec.name).c_str(), EponymousModule<EventVtab, EventCursor>::module(),
      registration.release(), [](void* aux) { delete static_cast<Registration*>(aux); });
}

}  // namespace auditql
