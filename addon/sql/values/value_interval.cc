#include "value_interval.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace auditql {

namespace {

constexpr int64_t kEndOfEids = 10'000'000'000'000'000;  // 16 digits
constexpr double kTwoTo63 = 9223372036854775808.0;

Interval around_integer(RangeOperator op, int64_t value) {
  switch (op) {
    case RangeOperator::equal:
      return {value, value};
    case RangeOperator::less:
      return value == INT64_MIN ? kNothing : Interval{INT64_MIN, value - 1};
    case RangeOperator::less_equal:
      return {INT64_MIN, value};
    case RangeOperator::greater:
      return value == INT64_MAX ? kNothing : Interval{value + 1, INT64_MAX};
    case RangeOperator::greater_equal:
      break;
  }
  return {value, INT64_MAX};
}

/// For values that are greater than every integer, as TEXT, BLOB and large reals are.
Interval below_everything(RangeOperator op) {
  const bool all = op == RangeOperator::less || op == RangeOperator::less_equal;
  return all ? Interval{} : kNothing;
}

Interval above_everything(RangeOperator op) {
  const bool all = op == RangeOperator::greater || op == RangeOperator::greater_equal;
  return all ? Interval{} : kNothing;
}

Interval around_real(RangeOperator op, double value) {
  if (std::isnan(value)) return kNothing;
  if (value >= kTwoTo63) return below_everything(op);
  if (value < -kTwoTo63) return above_everything(op);
  const double floor = std::floor(value);
  const auto integer = static_cast<int64_t>(floor);
  if (floor == value) return around_integer(op, integer);
  switch (op) {
    case RangeOperator::equal:
      return kNothing;
    case RangeOperator::less:
    case RangeOperator::less_equal:
      return {INT64_MIN, integer};
    default:
      return {integer + 1, INT64_MAX};
  }
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t saturating_number(std::string_view digits) {
  int64_t number = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(number, int64_t{10}, &number) ||
        __builtin_add_overflow(number, int64_t{c - '0'}, &number)) {
      return INT64_MAX;
    }
  }
  return number;
}

/// The first row number whose text is not below `text` (or is above it, with `above`).
int64_t first_eid_reaching(std::string_view text, bool above) {
  int64_t low = 0, high = kEndOfEids;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const int order = eid_text(static_cast<uint64_t>(middle)).view().compare(text);
    const bool reached = above ? order > 0 : order >= 0;
    (reached ? high : low) = reached ? middle : middle + 1;
  }
  return low;
}

Interval around_text(RangeOperator op, std::string_view text) {
  const int64_t first = first_eid_reaching(text, false);
  const int64_t after = first_eid_reaching(text, true);
  switch (op) {
    case RangeOperator::equal:
      return {first, after - 1};
    case RangeOperator::less:
      return {0, first - 1};
    case RangeOperator::less_equal:
      return {0, after - 1};
    case RangeOperator::greater:
      return {after, INT64_MAX};
    case RangeOperator::greater_equal:
      break;
  }
  return {first, INT64_MAX};
}

}  // namespace

Interval integer_interval(RangeOperator op, sqlite3_value* value) {
  // Numeric affinity is applied to the value: text that reads as a number becomes one.
  switch (sqlite3_value_numeric_type(value)) {
    case SQLITE_INTEGER:
      return around_integer(op, sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return around_real(op, sqlite3_value_double(value));
    case SQLITE_NULL:
      return kNothing;
    default:
      return below_everything(op);
  }
}

Interval eid_interval(RangeOperator op, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      return integer_interval(op, value);
    case SQLITE_NULL:
      return kNothing;
    case SQLITE_BLOB:
      return below_everything(op);
    default: {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
      const std::string_view text(bytes, static_cast<size_t>(sqlite3_value_bytes(value)));
      if (is_digits(text)) return around_integer(op, saturating_number(text));
      return around_text(op, text);
    }
  }
}

EidText eid_text(uint64_t eid) {
  EidText text;
  for (size_t i = sizeof text.digits; i-- > 0; eid /= 10) {
    text.digits[i] = static_cast<char>('0' + eid % 10);
  }
  return text;
}

}  // namespace auditql
