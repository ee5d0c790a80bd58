#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "row.h"
#include "table_spec.h"

namespace auditql {

/// Most rows of a segment: row numbers + 1 fit 16 bits, and a multiple of kChunkRows.
constexpr uint32_t kMaxSegmentRows = 61440;
/// Room is reserved for so many rows first and then for all others: an idle table takes little, and
/// a file lies in few pieces. Arrays of smaller segments are packed and reserved whole.
constexpr uint32_t kChunkRows = 4096;
constexpr uint64_t kPageBytes = 4096;
constexpr size_t kMaxIndexes = 8;
constexpr size_t kPresenceWords = (Row::kMaxColumns + 63) / 64;

/// Bits of a row's set columns, by their number among the stored columns.
using PresenceBits = std::array<uint64_t, kPresenceWords>;
inline uint64_t& bits_of(PresenceBits& bits, size_t stored) { return bits[stored / 64]; }
constexpr uint64_t bit(size_t stored) { return uint64_t{1} << (stored % 64); }

constexpr uint64_t page_aligned(uint64_t bytes) {
  return (bytes + kPageBytes - 1) & ~(kPageBytes - 1);
}

/// Where everything lies in a segment file: header page, hash buckets, one array per column, heap.
/// Follows from the table's columns and the number of rows alone.
struct SegmentLayout {
  struct StoredColumn {
    uint16_t column;  ///< index in TableSpec::columns
    Storage storage;
    uint8_t width;    ///< bytes a cell takes; text: an offset into the heap
    int8_t index;     ///< number of its hash index, -1 without
    uint64_t offset;  ///< of its array
  };
  struct Index {
    uint16_t stored;           ///< number among the stored columns
    uint64_t buckets_offset;   ///< uint16_t[buckets]: newest row + 1, 0 for none
    uint64_t previous_offset;  ///< uint16_t[capacity]: the row before it in the bucket, + 1
  };

  /// Adjacent columns with adjacent numbers, within one word of both.
  struct Run {
    uint8_t from_word, from_shift;
    uint8_t to_word, to_shift;
    uint64_t mask;
  };

  SegmentLayout(const TableSpec& spec, uint32_t capacity);

  /// Number among the stored columns, -1 for derived ones.
  int stored_number(uint16_t column) const { return numbers[column]; }
  /// The stored ones of these columns.
  PresenceBits stored_bits(const Row::Bits& columns) const;
  /// Bytes of a row besides its columns.
  uint64_t fixed_row_bytes() const { return 8 * presence_words + 4 + 2 * indexes.size(); }
  bool reserved_whole() const { return capacity < kChunkRows; }

  uint32_t capacity;
  uint32_t buckets;  ///< a power of two
  uint32_t presence_words;
  uint16_t ntime;  ///< number among the stored columns
  std::vector<StoredColumn> columns;
  std::vector<int8_t> numbers;
  std::vector<Run> runs;  ///< all stored columns
  /// Stored columns by the bytes of their cells; texts apart from numbers.
  PresenceBits of_1_byte{}, of_2_bytes{}, of_4_bytes{}, of_8_bytes{}, texts{}, uuids{};
  std::vector<Index> indexes;
  uint64_t presence_offset;  ///< uint64_t[capacity * presence_words]
  uint64_t checksum_offset;  ///< uint32_t[capacity]
  uint64_t arrays_offset;    ///< first byte behind the buckets
  uint64_t heap_offset;
};

/// Identifies how rows of the table lie on disk, whatever decides it: declared columns and this
/// code.
uint64_t stored_layout_hash(const TableSpec& spec);

}  // namespace auditql
