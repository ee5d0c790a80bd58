#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "digest_kind.h"

namespace auditql {

/// A digest by code of our own (RFC 1321, FIPS 180-4), for processes without OpenSSL.
class OwnDigest {
 public:
  /// Words of all three; the shorter ones leave the last unused.
  using State = std::array<uint32_t, 8>;

  explicit OwnDigest(DigestKind kind);
  void add(std::string_view bytes);
  /// Raw bytes. The digest is of no use afterwards.
  std::string finish();

 private:
  static constexpr size_t kBlock = 64;
  void compress(const char* block);

  DigestKind kind_;
  State state_{};
  uint64_t bytes_ = 0;
  std::array<char, kBlock> block_{};
  size_t held_ = 0;  ///< bytes of a block that is not full yet
};

}  // namespace auditql
