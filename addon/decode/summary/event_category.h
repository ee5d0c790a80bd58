#pragma once

#include <cstdint>
#include <string_view>

namespace auditql {

/// Kind of event that a record type stands for: `audit-rule`, `user-login`, `mac-decision`, …, as
/// ausearch and go-libaudit group the types (auparse/normalize.c of audit-userspace).
std::string_view event_category(uint16_t type);

}  // namespace auditql
