#include <cerrno>
#include <cmath>
#include <cstring>
#include <numbers>

#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

/// Any argument but NULL is taken as a number; a domain or range error fails the query with
/// errno's text, as in osquery.
template <double (*Function)(double)>
void real_function(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  errno = 0;
  const double result = Function(sqlite3_value_double(values[0]));
  if (errno != 0) return give_error(context, std::strerror(errno));
  sqlite3_result_double(context, result);
}

/// Integers pass as they are; the result is an INTEGER, not SQLite's REAL.
template <double (*Function)(double)>
void integer_function(sqlite3_context* context, int, sqlite3_value** values) {
  const int type = sqlite3_value_type(values[0]);
  if (type == SQLITE_NULL) return;
  if (type == SQLITE_INTEGER) {
    return sqlite3_result_int64(context, sqlite3_value_int64(values[0]));
  }
  const double result = Function(sqlite3_value_double(values[0]));
  // What a cast of a number that does not fit gives on x86-64, without the undefined behaviour.
  const bool fits = result >= -9223372036854775808.0 && result < 9223372036854775808.0;
  sqlite3_result_int64(context, fits ? static_cast<int64_t>(result) : INT64_MIN);
}

double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }
// osquery computes these two in long double.
double tangent(double x) { return static_cast<double>(std::tan(static_cast<long double>(x))); }
double exponential(double x) { return static_cast<double>(std::exp(static_cast<long double>(x))); }
double cotangent(double x) { return 1.0 / std::tan(x); }
double arc_sine(double x) { return std::asin(x); }
double arc_cosine(double x) { return std::acos(x); }
double arc_tangent(double x) { return std::atan(x); }
double natural_log(double x) { return std::log(x); }
double decimal_log(double x) { return std::log10(x); }
double square_root(double x) { return std::sqrt(x); }
double degrees(double x) { return 180.0 * x / std::numbers::pi; }
double radians(double x) { return x * std::numbers::pi / 180.0; }
double ceiling(double x) { return std::ceil(x); }
double floor_of(double x) { return std::floor(x); }

void power(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  errno = 0;
  const double result = std::pow(sqlite3_value_double(values[0]), sqlite3_value_double(values[1]));
  if (errno != 0) return give_error(context, std::strerror(errno));
  sqlite3_result_double(context, result);
}

void pi(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_double(context, std::numbers::pi);
}

}  // namespace

int register_math_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"sqrt", 1, real_function<square_root>},
      {"acos", 1, real_function<arc_cosine>},
      {"asin", 1, real_function<arc_sine>},
      {"atan", 1, real_function<arc_tangent>},
      {"cos", 1, real_function<cosine>},
      {"sin", 1, real_function<sine>},
      {"tan", 1, real_function<tangent>},
      {"cot", 1, real_function<cotangent>},
      {"exp", 1, real_function<exponential>},
      {"log", 1, real_function<natural_log>},
      {"log10", 1, real_function<decimal_log>},
      {"power", 2, power},
      {"ceil", 1, integer_function<ceiling>},
      {"floor", 1, integer_function<floor_of>},
      {"degrees", 1, real_function<degrees>},
      {"radians", 1, real_function<radians>},
      {"pi", 0, pi},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
