#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "process_key.h"

namespace auditql {

/// A UUID as RFC 9562 lays it out; all zeroes (the nil UUID) when not known.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  bool known() const { return *this != Uuid{}; }
  bool operator==(const Uuid&) const = default;
};

/// 64 bits that stand for one boot of one host: SipHash-2-4 of the text of
/// /proc/sys/kernel/random/boot_id under a fixed key (a changed key changes every process_uuid).
uint64_t boot_hash(std::string_view boot_id);

/// The process_uuid: RFC 9562 version 8 made of boot hash, start ticks and pid
/// (docs/use/process-identity.md). Injective inside one boot, so no two processes of a boot can
/// share one.
Uuid process_uuid(uint64_t boot_hash, ProcessKey process);

}  // namespace auditql
