#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace auditql {

/// A line that rsyslog wrote with osquery's template: six fields as CSV (property format="csv").
struct SyslogLine {
  std::string datetime, host, facility, tag, message;
  uint8_t severity = 0;  ///< 0 to 7

  /// Nothing when the line has not six fields or no severity.
  static std::optional<SyslogLine> parse(std::string_view line);
};

}  // namespace auditql
