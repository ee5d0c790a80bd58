#include "planned_scan.h"

#include <algorithm>
#include <string_view>

#include "../../system/clocks.h"
#include "../values/uuid_value.h"

namespace auditql {

namespace {

using PathKind = AccessPath::Kind;

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
  if (path.kind == PathKind::uuid_key) return narrow_uuid(scan, path, value);
  const Interval interval =
      path.kind == PathKind::eid ? eid_interval(op, value) : integer_interval(op, value);
  if (interval.empty()) return false;
  if (path.kind == PathKind::number_key) {
    scan.request.point = ScanRequest::Point{
        static_cast<uint16_t>(path.column), static_cast<uint64_t>(interval.low), {}};
    return true;
  }
  if (interval.high < 0) return false;
  if (path.is_row_number()) {
    narrow_rows(scan.request, interval);
  } else if (path.kind == PathKind::seconds) {
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
