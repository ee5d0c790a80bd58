#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "../bytes/content_hash.h"
#include "segment.h"
#include "string_interner.h"

namespace auditql {

/// Puts texts into the heap of an open segment, and the same text as seldom as it can.
class HeapWriter {
 public:
  struct Text {
    uint64_t hash;  ///< its content_hash
    uint32_t offset;
  };

  explicit HeapWriter(StringInterner& interner) : interner_(interner) {}

  /// Goes on behind the first `used` bytes of the segment's heap.
  void start(const Segment& segment, uint64_t used);
  uint64_t used() const { return used_; }
  /// Room for kLongestHeapPrefix more bytes than the text has must be there.
  Text put(size_t stored, std::string_view bytes) {
    if (bytes.empty()) return {empty_hash_, 0};
    Column& column = columns_[stored];
    const size_t place = static_cast<unsigned char>(bytes.front() ^ bytes.back()) + bytes.size();
    Recent& recent = column.recents[place % column.recents.size()];
    if (!is_same(recent, bytes)) find_or_store(bytes, &column, &recent);
    return recent.text;
  }

 private:
  /// A text that a column held lately: most columns have few, and need no hash to find them again.
  struct Recent {
    const char* bytes = nullptr;  ///< in the heap
    size_t size = 0;
    EndBytes ends{};  ///< all of a text that is not longer
    Text text{};
  };
  struct Column {
    std::array<Recent, 8> recents{};
    uint32_t misses = 0;  ///< texts in a row that were new to the segment
  };

  static bool is_same(const Recent& recent, std::string_view bytes) {
    if (recent.size != bytes.size()) return false;
    if (bytes.size() > EndBytes::kMost)
      return std::memcmp(recent.bytes, bytes.data(), bytes.size()) == 0;
    return recent.ends == end_bytes(bytes.data(), bytes.size());
  }
  void find_or_store(std::string_view bytes, Column* column, Recent* recent);

  StringInterner& interner_;
  const Segment* segment_ = nullptr;
  std::vector<Column> columns_;  ///< by their number among the stored columns
  uint64_t used_ = 0;
  uint64_t empty_hash_ = content_hash({});
};

}  // namespace auditql
