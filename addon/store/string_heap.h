#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace auditql {

/// A string in a segment's heap: a length in 7-bit groups, lowest first, whose lowest bit says that
/// the bytes are not valid UTF-8; then the bytes. Offset 0 holds the empty string.
struct HeapString {
  std::string_view bytes;
  bool utf8 = true;
};

constexpr uint64_t kLongestHeapPrefix = 5;

/// Writes at `at`, which has room for kLongestHeapPrefix + bytes.size(); gives the bytes taken.
uint64_t put_heap_string(uint8_t* at, std::string_view bytes, bool utf8);

/// Reads a string whose length takes several groups.
std::optional<HeapString> long_heap_string(const uint8_t* heap, uint64_t heap_bytes,
                                           uint64_t offset);

/// Reads the string at `offset`; nothing where it would reach over the end, as damage may make it.
inline std::optional<HeapString> heap_string(const uint8_t* heap, uint64_t heap_bytes,
                                             uint64_t offset) {
  if (offset >= heap_bytes) return std::nullopt;
  const uint8_t prefix = heap[offset];
  if ((prefix & 0x80) != 0) return long_heap_string(heap, heap_bytes, offset);
  const uint64_t length = prefix >> 1;
  if (length > heap_bytes - offset - 1) return std::nullopt;
  return HeapString{{reinterpret_cast<const char*>(heap + offset + 1), length}, (prefix & 1) == 0};
}

}  // namespace auditql
