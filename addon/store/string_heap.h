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

/// Reads the string at `offset`; nothing where it would reach over the end, as damage may make it.
std::optional<HeapString> heap_string(const uint8_t* heap, uint64_t heap_bytes, uint64_t offset);

}  // namespace auditql
