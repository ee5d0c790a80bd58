#include "uuid.h"

#include <bit>

namespace auditql {
namespace {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (int i = 0; i < count; i++) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }

  void absorb(uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
};

/// Up to eight bytes, least significant first.
uint64_t little_endian(std::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); i++) {
    word |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return word;
}

void put_big_endian(uint64_t word, uint8_t* out) {
  for (int i = 0; i < 8; i++) out[i] = static_cast<uint8_t>(word >> (56 - 8 * i));
}

}  // namespace

uint64_t boot_hash(std::string_view boot_id) {
  constexpr uint64_t k0 = 0x6c71746964756124, k1 = 0x8f3a91c2d45be617;
  SipState state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                 k1 ^ 0x7465646279746573};
  const uint64_t length = boot_id.size();
  while (boot_id.size() >= 8) {
    state.absorb(little_endian(boot_id.substr(0, 8)));
    boot_id.remove_prefix(8);
  }
  state.absorb(little_endian(boot_id) | (length << 56));
  state.v2 ^= 0xff;
  state.rounds(4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

Uuid process_uuid(uint64_t boot_hash, ProcessKey process) {
  if (!process.known()) return {};
  constexpr uint64_t version = uint64_t{8} << 12, variant = uint64_t{2} << 62;
  Uuid uuid;
  put_big_endian((boot_hash & ~uint64_t{0xffff}) | version | ((boot_hash >> 4) & 0xfff),
                 uuid.bytes.data());
  put_big_endian(variant | ((boot_hash & 0xf) << 58) | process.bits(), uuid.bytes.data() + 8);
  return uuid;
}

}  // namespace auditql
