#pragma once

#include <cstdint>
#include <string_view>

#include "sqlite_api.h"

namespace auditql {

/// Operators that narrow a scan.
enum class RangeOperator : uint8_t { equal, less, less_equal, greater, greater_equal };

/// Integers that satisfy a comparison, both ends inclusive; low > high: none does.
struct Interval {
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
  bool empty() const { return low > high; }
};
inline constexpr Interval kNothing{1, 0};

/// Exactly the integers `n` for which SQLite finds `n <op> value` true, where `n` is a column with
/// INTEGER affinity (https://sqlite.org/datatype3.html, "Comparison Expressions").
Interval integer_interval(RangeOperator op, sqlite3_value* value);

/// Row numbers whose 16-digit text compares so with `value`. Numbers and texts of digits mean the
/// number; other text is compared as text.
Interval eid_interval(RangeOperator op, sqlite3_value* value);

/// The 16 decimal digits under which a row number is shown.
struct EidText {
  char digits[16];
  std::string_view view() const { return {digits, sizeof digits}; }
};
EidText eid_text(uint64_t eid);

}  // namespace auditql
