#pragma once

#include <array>
#include <cstdint>

#include "segment_layout.h"

namespace auditql {

/// Checksum of a row by multilinear hashing: the sum of every value times an odd random factor of
/// its column, of which the upper half is kept. Additions commute, so columns need no order, and
/// the multiplications of a row do not wait for each other.
class RowChecksum {
 public:
  explicit RowChecksum(uint64_t eid) : sum_(eid * kFactors[0]) {}
  void add_presence(size_t word, uint64_t bits) { sum_ += bits * kFactors[1 + word]; }
  /// Text: its content_hash. `half` is 1 for the second half of a uuid.
  void add(size_t stored, uint64_t value, size_t half = 0) {
    sum_ += value * kFactors[1 + kPresenceWords + 2 * stored + half];
  }
  uint32_t value() const { return static_cast<uint32_t>(sum_ >> 32); }

 private:
  static constexpr size_t kFactorCount = 1 + kPresenceWords + 2 * Row::kMaxColumns;

  /// splitmix64, the low bit set: a change in any one bit of a value then changes the sum.
  static constexpr std::array<uint64_t, kFactorCount> make_factors() {
    std::array<uint64_t, kFactorCount> factors{};
    uint64_t state = 0x6175646974716c31;
    for (uint64_t& factor : factors) {
      state += 0x9e3779b97f4a7c15;
      uint64_t mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
      mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
      factor = (mixed ^ mixed >> 31) | 1;
    }
    return factors;
  }
  static const std::array<uint64_t, kFactorCount> kFactors;

  uint64_t sum_;
};

constexpr std::array<uint64_t, RowChecksum::kFactorCount> RowChecksum::kFactors =
    RowChecksum::make_factors();

}  // namespace auditql
