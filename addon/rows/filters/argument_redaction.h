#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "name_patterns.h"

namespace auditql {

/// Replaces the values of secret arguments by `***`: of `NAME=value`, of the argument that follows
/// an option NAME, of what is attached to an option of one letter, and the password in a URL.
class ArgumentRedaction {
 public:
  explicit ArgumentRedaction(const std::vector<std::string>& names) : names_(names) {}

  bool enabled() const { return !names_.empty(); }
  /// The arguments as they may be kept; valid until the next call.
  std::span<const std::string_view> redact(std::span<const std::string_view> arguments);

 private:
  std::string_view redact_one(std::string_view argument);
  std::string_view without_password(std::string_view argument);
  bool hides_next(std::string_view argument) const;

  NamePatterns names_;
  std::vector<std::string_view> redacted_;
  std::deque<std::string> texts_;
};

}  // namespace auditql
