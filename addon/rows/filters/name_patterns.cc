#include "name_patterns.h"

#include <algorithm>

namespace auditql {

namespace {

constexpr size_t kMaxNameBytes = 128;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// `pattern` in lower case. Goes back to the last star only, so the cost is the product of the
/// lengths at most.
bool matches_pattern(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == lower(name[n])) {
      p++;
      n++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

NamePatterns::NamePatterns(const std::vector<std::string>& patterns) : patterns_(patterns) {
  for (std::string& each : patterns_) std::transform(each.begin(), each.end(), each.begin(), lower);
}

bool NamePatterns::match(std::string_view name) const {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& each) { return matches_pattern(each, name); });
}

}  // namespace auditql
