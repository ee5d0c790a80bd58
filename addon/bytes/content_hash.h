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

inline uint64_t load_u32(const void* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

inline uint64_t load_u16(const void* at) {
  uint16_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

/// A number of 1, 2, 4 or 8 bytes. memcpy of a length that varies would be a call.
inline uint64_t load_number(const uint8_t* at, uint8_t width) {
  switch (width) {
    case 1:
      return *at;
    case 2:
      return load_u16(at);
    case 4:
      return load_u32(at);
    default:
      return load_u64(at);
  }
}

/// Up to 16 bytes as two numbers that may overlap: with their count they say all of them.
struct EndBytes {
  static constexpr size_t kMost = 16;
  uint64_t low = 0, high = 0;
  bool operator==(const EndBytes& other) const {
    return ((low ^ other.low) | (high ^ other.high)) == 0;
  }
};

inline EndBytes end_bytes(const char* at, size_t count) {
  if (count >= 8) return {load_u64(at), load_u64(at + count - 8)};
  if (count >= 4) return {load_u32(at), load_u32(at + count - 4)};
  if (count == 0) return {};
  const auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
  return {byte(0) << 16 | byte(count / 2) << 8 | byte(count - 1), 0};
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
  const EndBytes rest = end_bytes(at, left);
  hash = fold_product(rest.low ^ kFirst, rest.high ^ hash);
  return fold_product(hash ^ kSecond, kFirst);
}

inline uint64_t number_hash(uint64_t number) {
  return fold_product(number ^ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93);
}

inline uint64_t uuid_hash(const void* sixteen_bytes) {
  const auto* at = static_cast<const char*>(sixteen_bytes);
  return fold_product(load_u64(at) ^ 0x9e3779b97f4a7c15, load_u64(at + 8));
}

}  // namespace auditql
