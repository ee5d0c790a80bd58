#include "state_table_module.h"

#include <optional>
#include <unordered_map>

#include "../../bytes/xxh64.h"
#include "../values/virtual_table.h"
#include "state_cell.h"
#include "state_plan.h"

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
    rowid_.reset();
    turns_.clear();
    // A required column counts as constrained whatever its value is.
    if (const auto rejection = rejection_of_plan(plan)) {
      return fail_table(pVtab, *rejection, SQLITE_CONSTRAINT);
    }
    int code = SQLITE_OK;
    const TableRequest request = read_state_plan(table_.registration.columns, plan, values, code);
    if (code != SQLITE_OK) return code;
    auto scan = table_.registration.generator->generate(request);
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
    rowid_.reset();
    return SQLITE_OK;
  }

  bool eof() const { return scan_ == nullptr; }

  /// SQLite puts the results of several scans together by it (`WHERE pid = 1 OR parent = 1`): each
  /// row has the same one in every scan, and no two rows of a scan share one.
  int64_t rowid() {
    if (!rowid_) {
      const uint64_t content = content_hash();
      // Rows that agree in all that the query reads are numbered.
      const uint64_t turn = turns_[content]++;
      rowid_ = static_cast<int64_t>((turn == 0 ? content : mixed(content, turn)) >> 1);
    }
    return *rowid_;
  }
  int column(sqlite3_context* context, int index) {
    const auto declared = table_.registration.columns.declared(index);
    if (declared) {
      emit_state_cell(context, table_.registration.columns.at(*declared), row_[*declared]);
    }
    return SQLITE_OK;
  }

 private:
  uint64_t content_hash() const {
    uint64_t hash = 0;
    for (size_t i = 0; i < row_.size(); i++) {
      const SqlValue& value = row_[i];
      if (const auto* text = std::get_if<std::string>(&value)) hash = xxh64(*text, hash + i);
      if (const auto* blob = std::get_if<SqlBlob>(&value)) hash = xxh64(blob->bytes, hash + i);
      if (const auto* number = std::get_if<int64_t>(&value)) hash = mixed(hash + i, *number);
      if (const auto* real = std::get_if<double>(&value)) hash = mixed(hash + i, *real);
    }
    return hash;
  }

  template <typename Number>
  static uint64_t mixed(uint64_t hash, Number number) {
    return xxh64({reinterpret_cast<const char*>(&number), sizeof number}, hash);
  }

  StateVtab& table_;
  std::unique_ptr<StateScan> scan_;
  std::vector<SqlValue> row_;
  std::optional<int64_t> rowid_;  ///< of the row that the cursor stands on, once it was asked for
  std::unordered_map<uint64_t, uint64_t> turns_;  ///< of each content, those that were asked for
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
