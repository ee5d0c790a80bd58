#pragma once

#include <cstddef>
#include <cstdint>

namespace auditql {

enum class DigestKind : uint8_t { md5, sha1, sha256 };

/// In bytes.
constexpr size_t digest_size(DigestKind kind) {
  return kind == DigestKind::md5 ? 16 : kind == DigestKind::sha1 ? 20 : 32;
}

}  // namespace auditql
