#pragma once

#include <string_view>

#include "record.h"

namespace auditql {

/// Walks the fields that auditd adds behind 0x1d (log_format = ENRICHED, src/auditd-event.c): names
/// in capitals, values with blanks of their own in quotes or braces: `OGID="a b"`,
/// `SADDR={ saddr_fam=local path=/x y }`.
class EnrichedReader {
 public:
  explicit EnrichedReader(std::string_view text) : rest_(text) {}
  bool next(Field& field);

 private:
  std::string_view rest_;
};

}  // namespace auditql
