#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace auditql {

/// 128-bit product folded to 64 bits: the mixing step of wyhash.
inline uint64_t fold_product(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load_u64(const void* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

/// Hash of bytes, the same in every process: it takes part in checksums on disk. Not for use where
/// an adversary who can choose the bytes gains from collisions.
inline uint64_t content_hash(std::string_view bytes) {
  constexpr uint64_t kFirst = 0x9e3779b97f4a7c15, kSecond = 0xd6e8feb86659fd93;
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t hash = (left + 1) * kSecond;
  for (; left > 16; at += 16, left -= 16) {
    hash = fold_product(load_u64(at) ^ kFirst, load_u64(at + 8) ^ hash);
  }
  unsigned char last[16] = {};
  if (left > 0) std::memcpy(last, at, left);
  hash = fold_product(load_u64(last) ^ kFirst, load_u64(last + 8) ^ hash);
  return fold_product(hash ^ kSecond, kFirst);
}

inline uint64_t number_hash(uint64_t number) {
  return fold_product(number ^ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93);
}

}  // namespace auditql
