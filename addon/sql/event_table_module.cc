#include "event_table_module.h"

#include <algorithm>
#include <memory>

#include "event_cell.h"
#include "event_plan.h"
#include "virtual_table.h"

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

  int best_index(sqlite3_index_info* info) { return plan_event_scan({spec, paths, view}, info); }

  const TableSpec& spec;
  EventView& view;
  const std::vector<AccessPath> paths;
};

class EventCursor : public sqlite3_vtab_cursor {
 public:
  explicit EventCursor(EventVtab& table) : sqlite3_vtab_cursor{}, table_(table) {
    table_.view.cursor_opened();
  }
  ~EventCursor() {
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
    if (!skip_rows(planned, seen)) return SQLITE_OK;
    if ((flags & kNoColumns) != 0 && table_.view.counting() && is_run(planned.request)) {
      return count_run(planned.request);
    }
    scan_ = reader.value()->scan(seen, planned.request);
    return next();
  }

  int next() {
    at_end_ = scan_ == nullptr || !scan_->next();
    return SQLITE_OK;
  }
  bool eof() const { return at_end_; }
  int64_t rowid() const { return scan_ == nullptr ? 0 : static_cast<int64_t>(scan_->eid()); }
  int column(sqlite3_context* context, int index) {
    if (scan_ != nullptr) {
      emit_event_cell(context, table_.spec, *scan_, static_cast<uint16_t>(index), buffer_);
    }
    return SQLITE_OK;
  }

 private:
  /// A run of row numbers: every number in it is a row.
  static bool is_run(const ScanRequest& request) {
    return !request.point && request.min_ntime == 0 && request.max_ntime == UINT64_MAX;
  }

  /// Applies the snapshot, OFFSET and LIMIT to the row numbers; false when none is left.
  static bool skip_rows(PlannedScan& planned, const Snapshot& seen) {
    ScanRequest& request = planned.request;
    if (seen.rows() == 0) return false;
    request.min_eid = std::max(request.min_eid, seen.first_eid);
    request.max_eid = std::min(request.max_eid, seen.end_eid - 1);
    if (request.min_eid > request.max_eid) return false;
    const uint64_t rows = request.max_eid - request.min_eid + 1;
    if (planned.offset >= rows || planned.limit == 0) return false;
    const uint64_t kept = std::min(rows - planned.offset, planned.limit);
    if (request.descending) {
      request.max_eid -= planned.offset;
      request.min_eid = request.max_eid - kept + 1;
    } else {
      request.min_eid += planned.offset;
      request.max_eid = request.min_eid + kept - 1;
    }
    return true;
  }

  int count_run(const ScanRequest& request) {
    table_.view.set_row_weight(request.max_eid - request.min_eid + 1);
    at_end_ = false;
    return SQLITE_OK;
  }

  void drop_scan() {
    if (scan_ != nullptr) table_.view.count_evicted(scan_->evicted());
    scan_.reset();
  }

  EventVtab& table_;
  std::unique_ptr<Scan> scan_;
  bool at_end_ = true;
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
