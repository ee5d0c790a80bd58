#include "string_heap.h"

#include <cstring>

namespace auditql {

uint64_t put_heap_string(uint8_t* at, std::string_view bytes, bool utf8) {
  uint64_t prefix = bytes.size() << 1 | (utf8 ? 0 : 1);
  uint64_t taken = 0;
  for (; prefix >= 0x80; prefix >>= 7) at[taken++] = static_cast<uint8_t>(prefix | 0x80);
  at[taken++] = static_cast<uint8_t>(prefix);
  if (!bytes.empty()) std::memcpy(at + taken, bytes.data(), bytes.size());
  return taken + bytes.size();
}

std::optional<HeapString> long_heap_string(const uint8_t* heap, uint64_t heap_bytes,
                                           uint64_t offset) {
  uint64_t prefix = 0;
  for (uint64_t group = 0; group < kLongestHeapPrefix; group++, offset++) {
    if (offset >= heap_bytes) return std::nullopt;
    prefix |= static_cast<uint64_t>(heap[offset] & 0x7f) << (7 * group);
    if ((heap[offset] & 0x80) != 0) continue;
    const uint64_t length = prefix >> 1;
    if (length > heap_bytes - offset - 1) return std::nullopt;
    return HeapString{{reinterpret_cast<const char*>(heap + offset + 1), length},
                      (prefix & 1) == 0};
  }
  return std::nullopt;
}

}  // namespace auditql
