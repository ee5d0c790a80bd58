#include "xxh64.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace auditql {

namespace {

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87, kPrime2 = 0xC2B2AE3D27D4EB4F,
                   kPrime3 = 0x165667B19E3779F9, kPrime4 = 0x85EBCA77C2B2AE63,
                   kPrime5 = 0x27D4EB2F165667C5;

template <typename Word>
Word take(std::string_view& bytes) {
  static_assert(std::endian::native == std::endian::little, "the lanes are little-endian");
  Word word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  bytes.remove_prefix(sizeof word);
  return word;
}

uint64_t mix_lane(uint64_t accumulator, uint64_t lane) {
  return std::rotl(accumulator + lane * kPrime2, 31) * kPrime1;
}

uint64_t merge(uint64_t accumulator, uint64_t lane) {
  return (accumulator ^ mix_lane(0, lane)) * kPrime1 + kPrime4;
}

uint64_t consume_rest(std::string_view bytes, uint64_t hash) {
  while (bytes.size() >= 8) {
    hash = std::rotl(hash ^ mix_lane(0, take<uint64_t>(bytes)), 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    hash = std::rotl(hash ^ take<uint32_t>(bytes) * kPrime1, 23) * kPrime2 + kPrime3;
  }
  while (!bytes.empty()) hash = std::rotl(hash ^ take<uint8_t>(bytes) * kPrime5, 11) * kPrime1;
  return hash;
}

}  // namespace

Xxh64::Xxh64(uint64_t seed)
    : seed_(seed), lanes_{seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1} {}

void Xxh64::consume(std::string_view& bytes) {
  while (bytes.size() >= kStripe) {
    for (uint64_t& lane : lanes_) lane = mix_lane(lane, take<uint64_t>(bytes));
  }
}

void Xxh64::update(std::string_view bytes) {
  size_ += bytes.size();
  if (!rest_.empty()) {
    const size_t wanted = std::min(kStripe - rest_.size(), bytes.size());
    rest_ += bytes.substr(0, wanted);
    bytes.remove_prefix(wanted);
    if (rest_.size() < kStripe) return;
    std::string_view stripe = rest_;
    consume(stripe);
    rest_.clear();
  }
  consume(bytes);
  rest_ = bytes;
}

uint64_t Xxh64::digest() const {
  uint64_t hash = seed_ + kPrime5;
  if (size_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const uint64_t lane : lanes_) hash = merge(hash, lane);
  }
  hash = consume_rest(rest_, hash + size_);
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

uint64_t xxh64(std::string_view bytes, uint64_t seed) {
  Xxh64 state(seed);
  state.update(bytes);
  return state.digest();
}

}  // namespace auditql
