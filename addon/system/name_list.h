#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auditql {

/// `a, b, c`: names in one text; empty for none.
inline std::string name_list(const std::vector<std::string>& names,
                             std::string_view separator = ", ") {
  std::string text;
  for (const std::string& each : names) {
    if (!text.empty()) text += separator;
    text += each;
  }
  return text;
}

}  // namespace auditql
