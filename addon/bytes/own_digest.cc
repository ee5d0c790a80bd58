#include "own_digest.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace auditql {

namespace {

enum class ByteOrder { little, big };

uint32_t read_u32(const char* bytes, ByteOrder order) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    const int shift = order == ByteOrder::little ? 8 * i : 24 - 8 * i;
    value |= uint32_t{static_cast<unsigned char>(bytes[i])} << shift;
  }
  return value;
}

void append_word(std::string& out, uint64_t value, int bytes, ByteOrder order) {
  for (int i = 0; i < bytes; i++) {
    const int shift = order == ByteOrder::little ? 8 * i : 8 * (bytes - 1 - i);
    out += static_cast<char>(value >> shift & 0xFF);
  }
}

/// RFC 1321, 3.4: T[i] = floor(2^32 * abs(sin(i + 1))).
std::array<uint32_t, 64> md5_sines() {
  std::array<uint32_t, 64> sines{};
  for (size_t i = 0; i < 64; i++) {
    sines[i] = static_cast<uint32_t>(
        std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
  }
  return sines;
}

void md5_compress(OwnDigest::State& state, const char* block) {
  static const std::array<uint32_t, 64> kSines = md5_sines();
  constexpr int kTurns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (uint32_t i = 0; i < 64; i++) {
    const uint32_t round = i / 16;
    const uint32_t mix = round == 0   ? (b & c) | (~b & d)
                         : round == 1 ? (d & b) | (~d & c)
                         : round == 2 ? b ^ c ^ d
                                      : c ^ (b | ~d);
    constexpr uint32_t kFactors[4] = {1, 5, 3, 7}, kOffsets[4] = {0, 1, 5, 0};
    const uint32_t word = (kFactors[round] * i + kOffsets[round]) % 16;
    const uint32_t sum = a + mix + kSines[i] + read_u32(block + 4 * word, ByteOrder::little);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kTurns[round][i % 4]);
  }
  const std::array<uint32_t, 4> mixed = {a, b, c, d};
  for (size_t i = 0; i < mixed.size(); i++) state[i] += mixed[i];
}

void sha1_compress(OwnDigest::State& state, const char* block) {
  std::array<uint32_t, 80> words{};
  for (size_t i = 0; i < 16; i++) words[i] = read_u32(block + 4 * i, ByteOrder::big);
  for (size_t i = 16; i < 80; i++) {
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (size_t i = 0; i < 80; i++) {
    constexpr uint32_t kConstants[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    const size_t round = i / 20;
    const uint32_t mix = round == 0   ? (b & c) | (~b & d)
                         : round == 2 ? (b & c) | (b & d) | (c & d)
                                      : b ^ c ^ d;
    const uint32_t next = std::rotl(a, 5) + mix + e + kConstants[round] + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  const std::array<uint32_t, 5> mixed = {a, b, c, d, e};
  for (size_t i = 0; i < mixed.size(); i++) state[i] += mixed[i];
}

constexpr std::array<uint32_t, 64> kSha256Constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void sha256_compress(OwnDigest::State& state, const char* block) {
  std::array<uint32_t, 64> words{};
  for (size_t i = 0; i < 16; i++) words[i] = read_u32(block + 4 * i, ByteOrder::big);
  for (size_t i = 16; i < 64; i++) {
    const uint32_t x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3)) + words[i - 7] +
               (std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10));
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < 64; i++) {
    const uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                           ((e & f) ^ (~e & g)) + kSha256Constants[i] + words[i];
    const uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<uint32_t, 8> mixed = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; i++) state[i] += mixed[i];
}

}  // namespace

OwnDigest::OwnDigest(DigestKind kind) : kind_(kind) {
  switch (kind) {
    case DigestKind::md5:
      state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
      break;
    case DigestKind::sha1:
      state_ = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
      break;
    case DigestKind::sha256:
      state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
      break;
  }
}

void OwnDigest::compress(const char* block) {
  switch (kind_) {
    case DigestKind::md5:
      return md5_compress(state_, block);
    case DigestKind::sha1:
      return sha1_compress(state_, block);
    case DigestKind::sha256:
      return sha256_compress(state_, block);
  }
}

void OwnDigest::add(std::string_view bytes) {
  bytes_ += bytes.size();
  if (held_ > 0) {
    const size_t taken = std::min(bytes.size(), kBlock - held_);
    std::memcpy(block_.data() + held_, bytes.data(), taken);
    held_ += taken;
    bytes.remove_prefix(taken);
    if (held_ < kBlock) return;
    compress(block_.data());
    held_ = 0;
  }
  while (bytes.size() >= kBlock) {
    compress(bytes.data());
    bytes.remove_prefix(kBlock);
  }
  std::copy(bytes.begin(), bytes.end(), block_.begin());
  held_ = bytes.size();
}

/// All three pad alike: a bit, zeros, and the message's length in bits.
std::string OwnDigest::finish() {
  const ByteOrder order = kind_ == DigestKind::md5 ? ByteOrder::little : ByteOrder::big;
  const uint64_t bits = bytes_ * 8;
  std::string padding(1, static_cast<char>(0x80));
  padding.append((2 * kBlock - 9 - held_) % kBlock, '\0');
  append_word(padding, bits, 8, order);
  add(padding);
  std::string digest;
  for (size_t i = 0; i < digest_size(kind_) / 4; i++) append_word(digest, state_[i], 4, order);
  return digest;
}

}  // namespace auditql
