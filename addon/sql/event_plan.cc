#include "event_plan.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "column_groups.h"
#include "uuid_value.h"

namespace auditql {

namespace {

using Kind = AccessPath::Kind;
constexpr uint64_t kNsPerSecond = 1'000'000'000;
// Shares of the rows that one bound leaves, as SQLite guesses for ranges on ordinary indexes.
constexpr double kRangeShare = 0.25;
constexpr double kSeekCost = 8.0;  // a scan's start, in rows read sequentially

// A grouped column's number + 1 takes a byte of the plan's flags, above the one with the flags.
constexpr int kGroupShift = 8, kMostGrouped = 2;

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

std::optional<Kind> access_kind(const TableSpec& spec, size_t column) {
  const ColumnSpec& spec_column = spec.columns[column];
  if (spec_column.derivation == Derivation::eid) return Kind::eid;
  if (spec_column.derivation == Derivation::seconds && spec_column.source == spec.ntime) {
    return Kind::seconds;
  }
  if (column == spec.ntime) return Kind::ntime;
  if (!spec_column.hash_indexed) return std::nullopt;
  return spec_column.storage == Storage::uuid ? Kind::uuid_key : Kind::number_key;
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

  /// Skipping is arithmetic where the scan is a run of row numbers and nothing else filters it.
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
        path.kind == Kind::eid ? eid_interval(op, value) : integer_interval(op, value);
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
    use(key_constraint_, std::string(key_->name) + "=", false);
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

uint64_t saturating_ns(int64_t seconds, uint64_t rest) {
  uint64_t ns = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(seconds), kNsPerSecond, &ns) ||
      __builtin_add_overflow(ns, rest, &ns)) {
    return UINT64_MAX;
  }
  return ns;
}

void narrow_rows(ScanRequest& request, const Interval& interval) {
  request.min_eid =
      std::max(request.min_eid, static_cast<uint64_t>(std::max<int64_t>(interval.low, 0)));
  request.max_eid = std::min(request.max_eid, static_cast<uint64_t>(interval.high));
}

void narrow_time(ScanRequest& request, uint64_t low, uint64_t high) {
  request.min_ntime = std::max(request.min_ntime, low);
  request.max_ntime = std::min(request.max_ntime, high);
}

bool narrow_uuid(PlannedScan& scan, const AccessPath& path, sqlite3_value* value) {
  const auto uuid = uuid_of_value(value);
  if (uuid) scan.request.point = ScanRequest::Point{static_cast<uint16_t>(path.column), 0, *uuid};
  return uuid.has_value();
}

/// False when the value leaves no row.
bool narrow(PlannedScan& scan, const AccessPath& path, RangeOperator op, sqlite3_value* value) {
  if (path.kind == Kind::uuid_key) return narrow_uuid(scan, path, value);
  const Interval interval =
      path.kind == Kind::eid ? eid_interval(op, value) : integer_interval(op, value);
  if (interval.empty()) return false;
  if (path.kind == Kind::number_key) {
    // The value that is indexed; a comparison with SQLite's rules follows on each row.
    scan.request.point = ScanRequest::Point{
        static_cast<uint16_t>(path.column), static_cast<uint64_t>(interval.low), {}};
    return true;
  }
  if (interval.high < 0) return false;
  if (path.is_row_number()) {
    narrow_rows(scan.request, interval);
  } else if (path.kind == Kind::seconds) {
    narrow_time(scan.request, saturating_ns(std::max<int64_t>(interval.low, 0), 0),
                saturating_ns(interval.high, kNsPerSecond - 1));
  } else {
    narrow_time(scan.request, static_cast<uint64_t>(std::max<int64_t>(interval.low, 0)),
                static_cast<uint64_t>(interval.high));
  }
  return true;
}

struct PlanToken {
  std::string_view name;
  RangeOperator op;
};

PlanToken parse_token(std::string_view token) {
  const size_t at = token.find_first_of("=<>");
  const std::string_view op = token.substr(at);
  const bool or_equal = op.size() == 2;
  const RangeOperator parsed = op[0] == '=' ? RangeOperator::equal
                               : op[0] == '<'
                                   ? (or_equal ? RangeOperator::less_equal : RangeOperator::less)
                               : or_equal ? RangeOperator::greater_equal
                                          : RangeOperator::greater;
  return {token.substr(0, at), parsed};
}

/// A negative limit means none (https://sqlite.org/lang_select.html#limitoffset).
uint64_t limit_of(sqlite3_value* value, uint64_t when_negative) {
  const int64_t number = sqlite3_value_int64(value);
  return number < 0 ? when_negative : static_cast<uint64_t>(number);
}

}  // namespace

std::vector<uint16_t> grouped_columns(int flags) {
  std::vector<uint16_t> columns;
  for (int rest = flags >> kGroupShift; rest != 0; rest >>= kGroupShift) {
    columns.push_back(static_cast<uint16_t>((rest & 0xff) - 1));
  }
  return columns;
}

std::vector<AccessPath> access_paths(const TableSpec& spec) {
  std::vector<AccessPath> paths{{Kind::rowid, -1, "rowid"}};
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

PlannedScan read_event_plan(const std::vector<AccessPath>& paths, const char* plan,
                            sqlite3_value** values) {
  PlannedScan scan;
  std::string_view rest = plan == nullptr ? "" : plan;
  for (int argument = 0; !rest.empty(); argument++) {
    const size_t space = rest.find(' ');
    const PlanToken token = parse_token(rest.substr(0, space));
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    sqlite3_value* value = values[argument];
    if (token.name == "limit") {
      scan.limit = limit_of(value, UINT64_MAX);
    } else if (token.name == "offset") {
      scan.offset = limit_of(value, 0);
    } else {
      const auto path = std::find_if(paths.begin(), paths.end(), [&](const AccessPath& each) {
        return each.name == token.name;
      });
      if (!narrow(scan, *path, token.op, value)) scan.empty = true;
    }
  }
  return scan;
}

}  // namespace auditql
