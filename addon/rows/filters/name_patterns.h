#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auditql {

/// Names of options and variables, as patterns in which `*` stands for any text; upper and lower
/// case are the same.
class NamePatterns {
 public:
  explicit NamePatterns(const std::vector<std::string>& patterns);

  bool empty() const { return patterns_.empty(); }
  /// Names longer than 128 bytes match nothing, so that the cost of a look is bounded.
  bool match(std::string_view name) const;

 private:
  std::vector<std::string> patterns_;  ///< in lower case
};

}  // namespace auditql
