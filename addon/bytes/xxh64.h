#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace auditql {

/// XXH64 as specified in xxHash's doc/xxhash_spec.md, of bytes that come in pieces. Not
/// cryptographic.
class Xxh64 {
 public:
  explicit Xxh64(uint64_t seed = 0);
  void update(std::string_view bytes);
  /// Of what came so far.
  uint64_t digest() const;

 private:
  static constexpr size_t kStripe = 32;
  void consume(std::string_view& bytes);

  uint64_t seed_;
  std::array<uint64_t, 4> lanes_;
  uint64_t size_ = 0;
  std::string rest_;  ///< less than a stripe
};

uint64_t xxh64(std::string_view bytes, uint64_t seed = 0);

}  // namespace auditql
