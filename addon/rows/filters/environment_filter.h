#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "name_patterns.h"

namespace auditql {

/// Which variables of a process's environment are kept. Without any name to keep none is read.
struct EnvironmentChoice {
  std::vector<std::string> keep, redact;  ///< patterns of names
};

/// What is kept of one environment.
struct Environment {
  std::string kept;  ///< NAME=value of those to keep, each ended by a NUL byte
  uint32_t count = 0;
  uint32_t size = 0;  ///< bytes of all variables with the NUL that ends each
  bool cut = false;   ///< `kept` would have been longer than kMaxKeptBytes
};

/// Values of variables with secret names are replaced by `***`.
class EnvironmentFilter {
 public:
  static constexpr size_t kMaxKeptBytes = 32 * 1024;

  explicit EnvironmentFilter(const EnvironmentChoice& choice)
      : keep_(choice.keep), redact_(choice.redact) {}

  bool enabled() const { return !keep_.empty(); }
  /// `bytes` as /proc/PID/environ has them.
  Environment filter(std::string_view bytes) const;

 private:
  NamePatterns keep_, redact_;
};

}  // namespace auditql
