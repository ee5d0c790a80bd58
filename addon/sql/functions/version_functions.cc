#include <strings.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

/// How versions of a packaging system differ from plain ones (osquery/sql/sqlite_version.cpp).
struct VersionRules {
  bool epoch = false;                 ///< a version with an epoch is above one without
  bool delimiter_precedence = false;  ///< delimiters are ordered among themselves
  bool compare_remainder = false;     ///< look at what the longer version has more
  bool remainder_precedence = false;  ///< there, a difference counts only after a non-digit
};
constexpr VersionRules kPlain{};
constexpr VersionRules kArch{true, false, true, true};
constexpr VersionRules kDpkg{true, true, false, false};
constexpr VersionRules kRhel{true, true, true, false};

/// Order of a delimiter among delimiters; 0 for any other character.
int delimiter_rank(char c) {
  constexpr std::string_view kDelimiters = "~-^.:";
  const size_t at = kDelimiters.find(c);
  return at == std::string_view::npos ? 0 : static_cast<int>(at) + 1;
}

int length_difference(size_t left, size_t right) {
  return static_cast<int>(static_cast<int64_t>(left) - static_cast<int64_t>(right));
}

/// Versions with epochs are compared by where the epoch ends.
int compare_epoch(std::string_view left, std::string_view right) {
  const size_t left_end = left.find(':'), right_end = right.find(':');
  const bool left_has = left_end != std::string_view::npos;
  const bool right_has = right_end != std::string_view::npos;
  if (left_has && right_has) return length_difference(left_end, right_end);
  return left_has ? 1 : right_has ? -1 : 0;
}

/// What the tail of the longer version says; `sign` is 1 when the left one is longer.
std::optional<int> judge_tail(char next, char last, int sign, int difference, VersionRules rules) {
  if (!rules.compare_remainder) {
    if (difference != 0 && delimiter_rank(next) > 0) return difference;
    return std::nullopt;
  }
  if (next == '~') return -sign;
  if (next == '-') return 0;
  if (next == '^') return sign;
  const bool counts =
      !rules.remainder_precedence || std::isdigit(static_cast<unsigned char>(last)) == 0;
  if (difference != 0 && counts) return difference;
  return std::nullopt;
}

int compare_remainder(std::string_view left, std::string_view right, int difference,
                      VersionRules rules) {
  const bool left_longer = left.size() > right.size();
  const std::string_view longer = left_longer ? left : right;
  const std::string_view shorter = left_longer ? right : left;
  const auto judged =
      judge_tail(longer[shorter.size()], shorter.back(), left_longer ? 1 : -1, difference, rules);
  return judged ? *judged : length_difference(left.size(), right.size());
}

int compare_versions(std::string_view left, std::string_view right, VersionRules rules) {
  if (left == right) return 0;
  if (left.empty()) return -1;
  if (right.empty()) return 1;
  if (rules.epoch) {
    const int epoch = compare_epoch(left, right);
    if (epoch != 0) return epoch;
  }
  int difference = 0;  // the first one of the present segment
  for (size_t i = 0; i < std::min(left.size(), right.size()); i++) {
    const int left_rank = delimiter_rank(left[i]), right_rank = delimiter_rank(right[i]);
    if (left_rank == 0 && right_rank == 0) {
      if (difference == 0) difference = int{left[i]} - int{right[i]};
      continue;
    }
    if (left_rank == 0) return 1;
    if (right_rank == 0) return -1;
    if (difference != 0) return difference;
    if (rules.delimiter_precedence && left_rank != right_rank) return left_rank - right_rank;
  }
  if (left.size() == right.size()) return difference;
  return compare_remainder(left, right, difference, rules);
}

std::optional<VersionRules> rules_named(const char* name) {
  if (::strcasecmp(name, "ARCH") == 0) return kArch;
  if (::strcasecmp(name, "DPKG") == 0) return kDpkg;
  if (::strcasecmp(name, "RHEL") == 0) return kRhel;
  return std::nullopt;
}

void version_compare(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count < 2 || !is_text(values[0]) || !is_text(values[1])) {
    return give_error(context, "Must provide two version strings to compare.");
  }
  std::optional<VersionRules> rules = kPlain;
  if (count > 2) {
    if (!is_text(values[2])) {
      return give_error(context, "The optional third parameter is not a string.");
    }
    rules = rules_named(reinterpret_cast<const char*>(sqlite3_value_text(values[2])));
  }
  if (!rules) {
    return give_error(context,
                      "The optional third parameter does not match one of: (ARCH, DPKG, RHEL).");
  }
  const int order = compare_versions(c_text(values[0]), c_text(values[1]), *rules);
  sqlite3_result_int(context, std::clamp(order, -1, 1));
}

int collate(void* rules, int left_size, const void* left, int right_size, const void* right) {
  return compare_versions({static_cast<const char*>(left), static_cast<size_t>(left_size)},
                          {static_cast<const char*>(right), static_cast<size_t>(right_size)},
                          *static_cast<const VersionRules*>(rules));
}

}  // namespace

int register_version_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {{"version_compare", -1, version_compare}};
  struct Collation {
    const char* name;
    const VersionRules& rules;
  };
  const Collation collations[] = {{"version", kPlain},
                                  {"version_arch", kArch},
                                  {"version_dpkg", kDpkg},
                                  {"version_rhel", kRhel}};
  int code = register_scalars(db, kFunctions);
  for (const Collation& each : collations) {
    if (code != SQLITE_OK) break;
    code = sqlite3_create_collation_v2(db, each.name, SQLITE_UTF8,
                                       const_cast<VersionRules*>(&each.rules), collate, nullptr);
  }
  return code;
}

}  // namespace auditql
