#include "state_plan.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>

namespace auditql {

namespace {

// In units of an event row read. Generating a row of a state table means files below /proc being
// read and JavaScript being run: about a thousand times dearer.
constexpr double kFullScanCost = 500'000.0;
constexpr double kLookupCost = 1'000.0;
constexpr double kNarrowedCost = 100'000.0;
constexpr double kRefusedCost = 1e15;
// Rows of the default scope in place of those asked for: only where no other order is possible.
constexpr double kOutOfScopeCost = 1e14;
constexpr sqlite3_int64 kFullScanRows = 500;
// Begins the plan string of a scan that is rejected. Others begin with a number, or with the name
// of a column and an operator.
constexpr std::string_view kRejected = "rejected: ";

std::optional<ConstraintOperator> constraint_operator(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return ConstraintOperator::equal;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return ConstraintOperator::less;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return ConstraintOperator::less_equal;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return ConstraintOperator::greater;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return ConstraintOperator::greater_equal;
    case SQLITE_INDEX_CONSTRAINT_LIKE:
      return ConstraintOperator::like;
    case SQLITE_INDEX_CONSTRAINT_GLOB:
      return ConstraintOperator::glob;
    case SQLITE_INDEX_CONSTRAINT_REGEXP:
      return ConstraintOperator::regexp;
    default:
      return std::nullopt;
  }
}

std::string_view operator_token(ConstraintOperator op) {
  constexpr std::string_view kTokens[] = {"=",  "in",   "<",    "<=",    ">",
                                          ">=", "like", "glob", "regexp"};
  return kTokens[static_cast<size_t>(op)];
}

ConstraintOperator operator_of_token(std::string_view token) {
  auto op = ConstraintOperator::equal;
  while (operator_token(op) != token && op != ConstraintOperator::regexp) {
    op = static_cast<ConstraintOperator>(static_cast<uint8_t>(op) + 1);
  }
  return op;
}

bool is_range(ConstraintOperator op) {
  return op >= ConstraintOperator::less && op <= ConstraintOperator::greater_equal;
}

/// osquery's sensibleComparison(): order of texts depends on the collation, so tables never see it.
bool is_handed_over(const StateColumn& column, ConstraintOperator op) {
  if (!column.index && !column.additional && !column.required) return false;
  return column.type != SqlType::text || !is_range(op);
}

bool is_exact(ConstraintOperator op) {
  return op == ConstraintOperator::equal || op == ConstraintOperator::in;
}

class StatePlanner {
 public:
  StatePlanner(const StateColumns& columns, sqlite3_index_info* info)
      : columns_(columns), info_(info) {}

  void take(int i) {
    const auto& constraint = info_->aConstraint[i];
    const auto column = columns_.declared(constraint.iColumn);
    auto op = constraint_operator(constraint.op);
    if (!column || !op) return;
    const StateColumn& declared = columns_.at(*column);
    if (!is_handed_over(declared, *op) || !compares_alike(i, declared, *op)) return;
    const bool finds = looks_up(declared, *op);
    // Accounts are chosen by ranges of their ids, too.
    const bool chooses = finds || (columns_.user_data() && is_range(*op));
    if (declared.scope && chooses) {
      (constraint.usable ? scopes_met_ : scopes_asked_).insert(*column);
    }
    if (!constraint.usable) return;
    if (declared.optimized && sqlite3_vtab_in(info_, i, -1) != 0) {
      sqlite3_vtab_in(info_, i, 1);
      op = ConstraintOperator::in;
    }
    lookup_ |= is_exact(*op) && (declared.index || declared.required);
    narrowed_ = true;
    required_met_ |= declared.required && finds;
    tokens_ += ' ' + std::to_string(*column) + std::string(operator_token(*op));
    info_->aConstraintUsage[i].argvIndex = ++arguments_;
  }

  int finish() {
    const bool refused = columns_.any_required() && !required_met_;
    info_->estimatedCost = refused          ? kRefusedCost
                           : out_of_scope() ? kOutOfScopeCost
                           : lookup_        ? kLookupCost
                           : narrowed_      ? kNarrowedCost
                                            : kFullScanCost;
    info_->estimatedRows = lookup_ ? 2 : narrowed_ ? kFullScanRows / 10 : kFullScanRows;
    const std::string plan =
        refused ? std::string(kRejected) + columns_.required_missing() : text();
    info_->idxStr = sqlite3_mprintf("%s", plan.c_str());
    info_->needToFreeIdxStr = 1;
    return info_->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }

 private:
  std::string text() const {
    char mask[17];
    sqlite3_snprintf(sizeof mask, mask, "%llx", info_->colUsed);
    return mask + tokens_;
  }

  /// A lookup compares by the bytes, or as the column is declared to: what another collation holds
  /// for equal it would not find (sqlite3_vtab_collation()).
  bool compares_alike(int i, const StateColumn& column, ConstraintOperator op) const {
    if (column.type != SqlType::text || !is_exact(op)) return true;
    const char* collation = sqlite3_vtab_collation(info_, i);
    return collation == nullptr || sqlite3_stricmp(collation, "BINARY") == 0 ||
           sqlite3_stricmp(collation, column.collation.c_str()) == 0;
  }

  bool out_of_scope() const {
    if (columns_.user_data() && scopes_met_.empty()) return true;
    return !std::includes(scopes_met_.begin(), scopes_met_.end(), scopes_asked_.begin(),
                          scopes_asked_.end());
  }

  const StateColumns& columns_;
  sqlite3_index_info* info_;
  std::string tokens_;
  std::set<uint16_t> scopes_asked_;  ///< whose value another table has to give first
  std::set<uint16_t> scopes_met_;
  int arguments_ = 0;
  bool lookup_ = false;
  bool narrowed_ = false;
  bool required_met_ = false;
};

/// osquery hands over neither NULL nor empty text, which no row can be looked up by.
bool is_worth_handing_over(sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return false;
  return type != SQLITE_TEXT || sqlite3_value_bytes(value) > 0;
}

/// A number that a column of text is compared with. SQLite converts one of the two first ("type
/// affinity"), in a way that depends on the other side, so a lookup by text may miss rows.
bool is_number_for_text(const StateColumn& column, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  return column.type == SqlType::text && (type == SQLITE_INTEGER || type == SQLITE_FLOAT);
}

/// The value, or the text of a number for a column of text.
SqlValue looked_up_value(const StateColumn& column, sqlite3_value* value) {
  if (!is_number_for_text(column, value)) return copy_sql_value(value);
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return std::string(text == nullptr ? "" : text);
}

/// Takes the value, or each of an IN. False in `usable` where the table cannot look up by them.
int take_values(const StateColumn& column, TableConstraint& constraint, sqlite3_value* value,
                bool& usable) {
  // Without a lookup by its required column a table has no rows at all.
  const auto is_usable = [&](sqlite3_value* each) {
    return column.required || !is_number_for_text(column, each);
  };
  if (constraint.op != ConstraintOperator::in) {
    usable = is_worth_handing_over(value) && is_usable(value);
    if (usable) constraint.values.push_back(looked_up_value(column, value));
    return SQLITE_OK;
  }
  sqlite3_value* each = nullptr;
  int code = sqlite3_vtab_in_first(value, &each);
  for (; code == SQLITE_OK && each != nullptr; code = sqlite3_vtab_in_next(value, &each)) {
    if (sqlite3_value_type(each) == SQLITE_NULL) continue;
    usable = usable && is_usable(each);
    constraint.values.push_back(looked_up_value(column, each));
  }
  return code == SQLITE_DONE || code == SQLITE_EMPTY ? SQLITE_OK : code;
}

}  // namespace

StateColumns::StateColumns(const StateTable& table) : table_(table) {
  for (uint16_t i = 0; i < table.columns.size(); i++) targets_.push_back(i);
  for (uint16_t i = 0; i < table.columns.size(); i++) {
    targets_.insert(targets_.end(), table.columns[i].aliases.size(), i);
    any_required_ |= table.columns[i].required;
  }
}

std::optional<uint16_t> StateColumns::declared(int column) const {
  if (column < 0 || static_cast<size_t>(column) >= targets_.size()) return std::nullopt;
  return targets_[static_cast<size_t>(column)];
}

/// osquery's words, and what would do.
std::string StateColumns::required_missing() const {
  std::string names;
  bool has_patterns = false;
  for (const StateColumn& column : table_.columns) {
    if (!column.required) continue;
    names += (names.empty() ? "" : " or ") + column.name;
    has_patterns |= column.patterns;
  }
  return "Table " + table_.name +
         " was queried without a required column in the WHERE clause: " + "compare " + names +
         " with " + (has_patterns ? "=, IN, LIKE or GLOB" : "= or IN");
}

std::vector<uint16_t> StateColumns::used(uint64_t mask) const {
  std::vector<bool> seen(table_.columns.size());
  for (size_t i = 0; i < targets_.size(); i++) {
    if ((mask >> (i < 63 ? i : 63) & 1) != 0) seen[targets_[i]] = true;
  }
  std::vector<uint16_t> columns;
  for (uint16_t i = 0; i < seen.size(); i++) {
    if (seen[i]) columns.push_back(i);
  }
  return columns;
}

bool looks_up(const StateColumn& column, ConstraintOperator op) {
  const bool is_pattern = op == ConstraintOperator::like || op == ConstraintOperator::glob;
  return is_exact(op) || (column.patterns && is_pattern);
}

int plan_state_scan(const StateColumns& columns, sqlite3_index_info* info) {
  StatePlanner planner(columns, info);
  for (int i = 0; i < info->nConstraint; i++) planner.take(i);
  return planner.finish();
}

std::optional<std::string> rejection_of_plan(std::string_view plan) {
  if (!plan.starts_with(kRejected)) return std::nullopt;
  return std::string(plan.substr(kRejected.size()));
}

TableRequest read_state_plan(const StateColumns& columns, const char* plan, sqlite3_value** values,
                             int& code) {
  TableRequest request;
  std::string_view rest = plan;
  uint64_t mask = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), mask, 16);
  rest.remove_prefix(static_cast<size_t>(parsed.ptr - rest.data()));
  request.columns = columns.used(mask);
  code = SQLITE_OK;
  for (int argument = 0; !rest.empty() && code == SQLITE_OK; argument++) {
    rest.remove_prefix(1);
    const std::string_view token = rest.substr(0, rest.find(' '));
    rest.remove_prefix(token.size());
    TableConstraint constraint{};
    const auto number =
        std::from_chars(token.data(), token.data() + token.size(), constraint.column);
    constraint.op = operator_of_token(token.substr(static_cast<size_t>(number.ptr - token.data())));
    const StateColumn& column = columns.at(constraint.column);
    bool usable = true;
    code = take_values(column, constraint, values[argument], usable);
    if (usable) request.constraints.push_back(std::move(constraint));
  }
  return request;
}

}  // namespace auditql
