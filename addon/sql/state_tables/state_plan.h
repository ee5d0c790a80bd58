#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../values/sqlite_api.h"
#include "table_generator.h"

namespace auditql {

/// Columns as SQLite numbers them: declared ones, then the aliases in the order of their targets.
class StateColumns {
 public:
  explicit StateColumns(const StateTable& table);
  /// Declared column behind SQLite's column number, which may be an alias; none for rowid.
  std::optional<uint16_t> declared(int column) const;
  const StateColumn& at(uint16_t column) const { return table_.columns[column]; }
  /// Why a query that constrains no required column is rejected, and what to write instead.
  std::string required_missing() const;
  bool any_required() const { return any_required_; }
  bool user_data() const { return table_.user_data; }
  /// Declared columns in a colUsed mask, whose last bit stands for all columns from the 64th on.
  std::vector<uint16_t> used(uint64_t mask) const;

 private:
  const StateTable& table_;
  std::vector<uint16_t> targets_;
  bool any_required_ = false;
};

/// Whether the table finds rows by such a constraint; others it only gets to know of.
bool looks_up(const StateColumn& column, ConstraintOperator op);

/// xBestIndex: hands over constraints on index, additional and required columns. The plan string
/// holds the mask of used columns and the constraints, for read_state_plan(), or a rejection, for
/// rejection_of_plan(). A plan that leaves a scope to its default, though the query says which,
/// costs more than any that does not.
int plan_state_scan(const StateColumns& columns, sqlite3_index_info* info);

/// Why the table cannot be read by this plan of plan_state_scan(); none for a plan that can be
/// used. No plan of another module is taken for a rejection.
std::optional<std::string> rejection_of_plan(std::string_view plan);

/// xFilter: the request that a plan makes of its values. Result code in `code`.
TableRequest read_state_plan(const StateColumns& columns, const char* plan, sqlite3_value** values,
                             int& code);

}  // namespace auditql
