#pragma once

#include <optional>
#include <string_view>

#include "decode/record.h"

namespace auditql::test {

inline std::optional<Record> parse_log_line(std::string_view line) {
  return RecordParser().log_line(line);
}

}  // namespace auditql::test
