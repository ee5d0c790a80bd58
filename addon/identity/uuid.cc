#include "uuid.h"

#include "../bytes/sip_hash.h"

namespace auditql {
namespace {

void put_big_endian(uint64_t word, uint8_t* out) {
  for (int i = 0; i < 8; i++) out[i] = static_cast<uint8_t>(word >> (56 - 8 * i));
}

}  // namespace

uint64_t boot_hash(std::string_view boot_id) {
  constexpr uint64_t k0 = 0x6c71746964756124, k1 = 0x8f3a91c2d45be617;
  return sip_hash({k0, k1}, boot_id);
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
