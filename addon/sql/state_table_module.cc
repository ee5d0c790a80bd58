#include "state_table_module.h"

#include "state_cell.h"
#include "state_plan.h"
#include "virtual_table.h"

namespace auditql {

namespace {

struct Registration {
  StateTable table;
  StateColumns columns;
  std::shared_ptr<TableGenerator> generator;

  Registration(StateTable declared, std::shared_ptr<TableGenerator> source)
      : table(std::move(declared)), columns(table), generator(std::move(source)) {}
};

class StateVtab : public sqlite3_vtab {
 public:
  StateVtab(sqlite3* connection, const Registration& declared)
      : sqlite3_vtab{}, db(connection), registration(declared) {}

  static int connect(sqlite3* db, void* aux, StateVtab** out, char**) {
    const auto& registration = *static_cast<const Registration*>(aux);
    const int code = sqlite3_declare_vtab(db, registration.table.sql.c_str());
    if (code != SQLITE_OK) return code;
    *out = new StateVtab(db, registration);
    return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }

  int best_index(sqlite3_index_info* info) { return plan_state_scan(registration.columns, info); }

  sqlite3* db;
  const Registration& registration;
};

class StateCursor : public sqlite3_vtab_cursor {
 public:
  explicit StateCursor(StateVtab& table) : sqlite3_vtab_cursor{}, table_(table) {}

  int filter(int, const char* plan, sqlite3_value** values) {
    scan_.reset();
    row_number_ = -1;
    int code = SQLITE_OK;
    const StatePlan read = read_state_plan(table_.registration.columns, plan, values, code);
    if (code != SQLITE_OK) return code;
    if (read.required_missing) {
      return fail_table(pVtab,
                        "Table " + table_.registration.table.name +
                            " was queried without a required column in the WHERE clause",
                        SQLITE_CONSTRAINT);
    }
    auto scan = table_.registration.generator->generate(read.request);
    if (!scan.ok()) return fail_table(pVtab, scan.error().message);
    scan_ = scan.take();
    return next();
  }

  int next() {
    // A generator may run long between two instructions of SQLite's, which looks only there.
    if (sqlite3_is_interrupted(table_.db) != 0) return SQLITE_INTERRUPT;
    row_.assign(table_.registration.table.columns.size(), SqlValue());
    const auto more = scan_->next(row_);
    if (!more.ok()) return fail_table(pVtab, more.error().message);
    if (!more.value()) scan_.reset();
    row_number_++;
    return SQLITE_OK;
  }

  bool eof() const { return scan_ == nullptr; }
  int64_t rowid() const { return row_number_; }
  int column(sqlite3_context* context, int index) {
    const auto declared = table_.registration.columns.declared(index);
    if (declared) {
      emit_state_cell(context, table_.registration.columns.at(*declared).type, row_[*declared]);
    }
    return SQLITE_OK;
  }

 private:
  StateVtab& table_;
  std::unique_ptr<StateScan> scan_;
  std::vector<SqlValue> row_;
  int64_t row_number_ = -1;
};

}  // namespace

int register_state_table(sqlite3* db, StateTable table, std::shared_ptr<TableGenerator> generator) {
  const std::string name = table.name;
  auto registration = std::make_unique<Registration>(std::move(table), std::move(generator));
  return sqlite3_create_module_v2(
      db, name.c_str(), EponymousModule<StateVtab, StateCursor>::module(), registration.release(),
      [](void* aux) { delete static_cast<Registration*>(aux); });
}

}  // namespace auditql
