#pragma once

#include <cstdint>

#include "../identity/uuid.h"
#include "../store/row.h"

namespace auditql {

/// The row views the uuid until it is stored.
template <typename Column>
void set_uuid(Row& row, Column column, const Uuid& uuid) {
  if (uuid.known()) row.set(column, uuid.bytes);
}

/// Wall-clock times; `boot_ns` is 0 for events of another host, whose uptime nobody knows.
struct SinceBoot {
  uint64_t boot_ns = 0, time_ns = 0;
};

template <typename Column>
void set_uptime(Row& row, Column column, const SinceBoot& since) {
  const bool known = since.boot_ns != 0 && since.time_ns > since.boot_ns;
  if (known) row.set(column, (since.time_ns - since.boot_ns) / 1'000'000'000);
}

}  // namespace auditql
