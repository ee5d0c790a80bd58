#include "event_plan.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "column_groups.h"

namespace auditql {

namespace {

using PathKind = AccessPath::Kind;
// Shares of the rows that one bound leaves, as SQLite guesses for ranges on ordinary indexes.
constexpr double kRangeShare = 0.25;
constexpr double kSeekCost = 8.0;  // a scan's start, in rows read sequentially
constexpr int kMostGrouped = 2;

std::string_view operator_text(RangeOperator op) {
  constexpr std::string_view kTexts[] = {"=", "<", "<=", ">", ">="};
  return kTexts[static_cast<size_t>(op)];
}

std::optional<RangeOperator> range_operator(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return RangeOperator::equal;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return RangeOperator::less;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return RangeOperator::less_equal;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return RangeOperator::greater;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return RangeOperator::greater_equal;
    default:
      return std::nullopt;
  }
}

std::optional<PathKind> access_kind(const TableSpec& spec, size_t column) {
  const ColumnSpec& spec_column = spec.columns[column];
  if (spec_column.derivation == Derivation::eid) return PathKind::eid;
  if (spec_column.derivation == Derivation::seconds && spec_column.source == spec.ntime) {
    return PathKind::seconds;
  }
  if (column == spec.ntime) return PathKind::ntime;
  if (!spec_column.hash_indexed) return std::nullopt;
  return spec_column.storage == Storage::uuid ? PathKind::uuid_key : PathKind::number_key;
}

/// Collects the plan while the constraints are looked at.
class Planner {
 public:
  Planner(const PlannedTable& table, sqlite3_index_info* info)
      : table_(table), info_(info), rows_(table.view.stored_rows(table.spec)) {}

  void take_constraints() {
    for (int i = 0; i < info_->nConstraint; i++) {
      const auto& constraint = info_->aConstraint[i];
      if (constraint.op == SQLITE_INDEX_CONSTRAINT_LIMIT ||
          constraint.op == SQLITE_INDEX_CONSTRAINT_OFFSET) {
        continue;
      }
      constraints_++;
      const AccessPath* path = path_of(constraint.iColumn);
      const auto op = range_operator(constraint.op);
      if (!constraint.usable || path == nullptr || !op) continue;
      if (path->is_key()) {
        consider_key(i, *path, *op);
      } else {
        use_range(i, *path, *op);
      }
    }
    if (key_ != nullptr && !single_row_) use_key();
  }

  /// Rows are stored in the order of their numbers; time is not strictly in that order.
  void take_order() {
    if (info_->nOrderBy == 0) return;
    const auto& first = info_->aOrderBy[0];
    const AccessPath* path = path_of(first.iColumn);
    // Row numbers are unique: whatever terms follow cannot change the order.
    if (path == nullptr || !path->is_row_number()) return;
    info_->orderByConsumed = 1;
    if (first.desc) info_->idxNum |= kDescending;
  }

  /// GROUP BY or DISTINCT on the only columns that are read, with nothing else left to filter.
  void take_group() {
    if (info_->nOrderBy < 1 || info_->nOrderBy > kMostGrouped || info_->orderByConsumed ||
        exact_ != constraints_) {
      return;
    }
    const int distinct = sqlite3_vtab_distinct(info_);
    const bool any_order_will_do = distinct == 1 || distinct == 2;
    uint64_t grouped = 0;
    int flags = kGrouped;
    for (int i = 0; i < info_->nOrderBy; i++) {
      const int column = info_->aOrderBy[i].iColumn;
      // The last bit of colUsed stands for several columns.
      if (column < 0 || column >= 63) return;
      if (!ColumnGroups::can_group(table_.spec.columns[static_cast<size_t>(column)])) return;
      grouped |= uint64_t{1} << column;
      flags |= (column + 1) << (kGroupShift * (i + 1));
    }
    if (!any_order_will_do || info_->colUsed != grouped) return;
    info_->orderByConsumed = 1;
    info_->idxNum |= flags;
  }

  /// The cursor may skip and stop where it alone says which rows there are.
  void take_limit() {
    const bool ordered = info_->nOrderBy == 0 || info_->orderByConsumed;
    const bool grouped = (info_->idxNum & kGrouped) != 0;
    if (!ordered || grouped || exact_ != constraints_) return;
    for (int i = 0; i < info_->nConstraint; i++) {
      const auto& constraint = info_->aConstraint[i];
      if (!constraint.usable) continue;
      if (constraint.op == SQLITE_INDEX_CONSTRAINT_LIMIT) use(i, "limit=", true);
      if (constraint.op == SQLITE_INDEX_CONSTRAINT_OFFSET) use(i, "offset=", true);
    }
  }

  int finish() {
    if (info_->colUsed == 0) info_->idxNum |= kNoColumns;
    const double matching = std::max(rows_, 1.0);
    info_->estimatedRows = single_row_ ? 1 : static_cast<sqlite3_int64>(matching);
    info_->estimatedCost = kSeekCost + (single_row_ ? 1.0 : matching);
    if (single_row_) info_->idxFlags |= SQLITE_INDEX_SCAN_UNIQUE;
    info_->idxStr = sqlite3_mprintf("%s", plan_.c_str());
    info_->needToFreeIdxStr = 1;
    return info_->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }

 private:
  const AccessPath* path_of(int column) const {
    const auto found = std::find_if(table_.paths.begin(), table_.paths.end(),
                                    [&](const AccessPath& path) { return path.column == column; });
    return found == table_.paths.end() ? nullptr : &*found;
  }

  void use(int constraint, std::string_view token, bool exact) {
    if (!plan_.empty()) plan_ += ' ';
    plan_ += token;
    auto& usage = info_->aConstraintUsage[constraint];
    usage.argvIndex = ++arguments_;
    usage.omit = exact ? 1 : 0;
  }

  void use_range(int constraint, const AccessPath& path, RangeOperator op) {
    const bool exact = path.is_row_number();
    use(constraint, std::string(path.name) + std::string(operator_text(op)), exact);
    if (exact) exact_++;
    if (exact && op == RangeOperator::equal) {
      single_row_ = true;
    } else {
      rows_ *= exact ? row_number_share(constraint, path, op) : kRangeShare;
    }
  }

  /// Share of the stored rows within a bound on the row number, where its value is known already.
  double row_number_share(int constraint, const AccessPath& path, RangeOperator op) {
    sqlite3_value* value = nullptr;
    if (sqlite3_vtab_rhs_value(info_, constraint, &value) != SQLITE_OK || value == nullptr) {
      return kRangeShare;
    }
    const Interval interval =
        path.kind == PathKind::eid ? eid_interval(op, value) : integer_interval(op, value);
    const Snapshot seen = table_.view.whole_snapshot(table_.spec);
    const auto low = std::max<int64_t>(interval.low, static_cast<int64_t>(seen.first_eid));
    const auto high = std::min<int64_t>(interval.high, static_cast<int64_t>(seen.end_eid) - 1);
    if (low > high || seen.rows() == 0) return 0.0;
    return static_cast<double>(high - low + 1) / static_cast<double>(seen.rows());
  }

  void consider_key(int constraint, const AccessPath& path, RangeOperator op) {
    if (op != RangeOperator::equal) return;
    const double rows = table_.view.rows_per_key(table_.spec, static_cast<uint16_t>(path.column));
    if (key_ != nullptr && rows >= key_rows_) return;
    key_ = &path;
    key_constraint_ = constraint;
    key_rows_ = rows;
  }

  void use_key() {
    // The index holds exactly the rows with an integer that SQLite takes for equal; of a UUID it
    // finds the value however it is written.
    const bool exact = key_->kind == PathKind::number_key;
    use(key_constraint_, std::string(key_->name) + "=", exact);
    if (exact) exact_++;
    rows_ = std::min(rows_, key_rows_);
  }

  const PlannedTable& table_;
  sqlite3_index_info* info_;
  double rows_;
  std::string plan_;
  int arguments_ = 0;
  int constraints_ = 0;
  int exact_ = 0;
  bool single_row_ = false;
  const AccessPath* key_ = nullptr;
  int key_constraint_ = 0;
  double key_rows_ = 0;
};

}  // namespace

std::vector<uint16_t> grouped_columns(int flags) {
  std::vector<uint16_t> columns;
  for (int rest = flags >> kGroupShift; rest != 0; rest >>= kGroupShift) {
    columns.push_back(static_cast<uint16_t>((rest & 0xff) - 1));
  }
  return columns;
}

std::vector<AccessPath> access_paths(const TableSpec& spec) {
  std::vector<AccessPath> paths{{PathKind::rowid, -1, "rowid"}};
  for (size_t i = 0; i < spec.columns.size(); i++) {
    if (const auto kind = access_kind(spec, i)) {
      paths.push_back({*kind, static_cast<int>(i), spec.columns[i].name});
    }
  }
  return paths;
}

int plan_event_scan(const PlannedTable& table, sqlite3_index_info* info) {
  Planner planner(table, info);
  planner.take_constraints();
  planner.take_order();
  planner.take_group();
  planner.take_limit();
  return planner.finish();
}

}  // namespace auditql
