#include "health_table_module.h"

#include "../../health/health_region.h"
#include "../values/virtual_table.h"

namespace auditql {

namespace {

class HealthVtab : public sqlite3_vtab {
 public:
  explicit HealthVtab(EventView& events) : sqlite3_vtab{}, view(events) {}

  static int connect(sqlite3* db, void* aux, HealthVtab** out, char**) {
    const int code = sqlite3_declare_vtab(
        db,
        "CREATE TABLE auditql_health (stage TEXT, name TEXT, metric TEXT, reason TEXT, "
        "value BIGINT)");
    if (code != SQLITE_OK) return code;
    *out = new HealthVtab(*static_cast<EventView*>(aux));
    return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }

  int best_index(sqlite3_index_info* info) {
    info->estimatedRows = 200;
    info->estimatedCost = 1000;
    return SQLITE_OK;
  }

  EventView& view;
};

/// Maps the region anew for each scan: a restarted daemon has made a new file.
class HealthCursor : public sqlite3_vtab_cursor {
 public:
  explicit HealthCursor(HealthVtab& table) : sqlite3_vtab_cursor{}, table_(table) {}

  int filter(int, const char*, sqlite3_value**) {
    row_ = 0;
    rows_.clear();
    if (table_.view.directory().empty()) return SQLITE_OK;
    const auto region = HealthRegion::open_read_only(table_.view.directory() + "/health");
    if (!region.ok()) return fail_table(pVtab, region.error().message);
    rows_ = region.value()->rows();
    return SQLITE_OK;
  }
  int next() {
    row_++;
    return SQLITE_OK;
  }
  bool eof() const { return row_ >= rows_.size(); }
  int64_t rowid() const { return static_cast<int64_t>(row_); }
  int column(sqlite3_context* context, int index) {
    const HealthRow& row = rows_[row_];
    if (index == 4) {
      sqlite3_result_int64(context, static_cast<int64_t>(row.value));
      return SQLITE_OK;
    }
    const std::string* const texts[] = {&row.stage, &row.name, &row.metric, &row.reason};
    sqlite3_result_text64(context, texts[index]->data(), texts[index]->size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
    return SQLITE_OK;
  }

 private:
  HealthVtab& table_;
  std::vector<HealthRow> rows_;
  size_t row_ = 0;
};

}  // namespace

int register_health_table(sqlite3* db, EventView& view) {
  return sqlite3_create_module_v2(
      db, "auditql_health", EponymousModule<HealthVtab, HealthCursor>::module(), &view, nullptr);
}

}  // namespace auditql
