#include "environment_filter.h"

#include <algorithm>

namespace auditql {

Environment EnvironmentFilter::filter(std::string_view bytes) const {
  Environment environment;
  environment.size = static_cast<uint32_t>(bytes.size());
  while (!bytes.empty()) {
    const std::string_view variable = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(variable.size() + 1, bytes.size()));
    environment.count++;
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!keep_.match(name)) continue;
    const bool is_hidden = name.size() < variable.size() && redact_.match(name);
    const size_t length = is_hidden ? name.size() + 4 : variable.size();
    if (environment.kept.size() + length + 1 > kMaxKeptBytes) {
      environment.cut = true;
      continue;
    }
    if (is_hidden) {
      environment.kept.append(name).append("=***");
    } else {
      environment.kept.append(variable);
    }
    environment.kept.push_back('\0');
  }
  return environment;
}

}  // namespace auditql
