#pragma once

#include <cstdint>
#include <string_view>

namespace auditql {

/// XXH64 as specified in xxHash's doc/xxhash_spec.md. Not cryptographic.
uint64_t xxh64(std::string_view bytes, uint64_t seed = 0);

}  // namespace auditql
