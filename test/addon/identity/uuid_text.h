#pragma once

#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>

#include "identity/uuid.h"

namespace auditql {

/// `xxxxxxxx-xxxx-8xxx-xxxx-xxxxxxxxxxxx`, lower case; empty when the uuid is not known.
inline std::string text_of(const Uuid& uuid) {
  std::string text;
  if (!uuid.known()) return text;
  for (size_t i = 0; i < uuid.bytes.size(); i++) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", uuid.bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits;
  }
  return text;
}

/// What EXPECT_EQ prints.
inline std::ostream& operator<<(std::ostream& out, const Uuid& uuid) {
  return out << text_of(uuid);
}

inline Uuid process_uuid(std::string_view boot_id, int32_t pid, uint64_t start_ticks) {
  return process_uuid(boot_hash(boot_id), ProcessKey(pid, start_ticks));
}

}  // namespace auditql
