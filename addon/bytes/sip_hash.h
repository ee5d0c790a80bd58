#pragma once

#include <cstdint>
#include <string_view>

namespace auditql {

struct SipKey {
  uint64_t k0, k1;
};

/// SipHash-2-4 (Aumasson and Bernstein): a hash that is hard to steer without the key.
uint64_t sip_hash(SipKey key, std::string_view bytes);

}  // namespace auditql
