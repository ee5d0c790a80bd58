#include "segment_layout.h"

#include <algorithm>
#include <bit>

#include "../bytes/content_hash.h"

namespace auditql {

namespace {

/// Raised whenever the meaning of a byte in a file changes.
constexpr uint64_t kFormat = 1;

uint8_t width_of(Storage storage) {
  switch (storage) {
    case Storage::absent:
      return 0;
    case Storage::u8:
      return 1;
    case Storage::u16:
      return 2;
    case Storage::u32:
    case Storage::text:
      return 4;
    case Storage::u64:
    case Storage::i64:
      return 8;
    case Storage::uuid:
      return 16;
  }
  return 0;
}

PresenceBits& bits_like(SegmentLayout& layout, Storage storage) {
  switch (width_of(storage)) {
    case 1:
      return layout.of_1_byte;
    case 2:
      return layout.of_2_bytes;
    case 4:
      return storage == Storage::text ? layout.texts : layout.of_4_bytes;
    case 16:
      return layout.uuids;
    default:
      return layout.of_8_bytes;
  }
}

/// Notes that `column` has the number `stored`; both rise from call to call.
void extend_runs(std::vector<SegmentLayout::Run>& runs, size_t column, size_t stored) {
  if (!runs.empty()) {
    SegmentLayout::Run& last = runs.back();
    const auto length = static_cast<size_t>(std::popcount(last.mask));
    const bool adjacent = last.from_word * size_t{64} + last.from_shift + length == column &&
                          last.to_word * size_t{64} + last.to_shift + length == stored;
    if (adjacent && column % 64 != 0 && stored % 64 != 0) {
      last.mask = last.mask << 1 | 1;
      return;
    }
  }
  runs.push_back({static_cast<uint8_t>(column / 64), static_cast<uint8_t>(column % 64),
                  static_cast<uint8_t>(stored / 64), static_cast<uint8_t>(stored % 64), 1});
}

/// Hands out ranges of the file. Large arrays start on a page of their own, so that the pages of
/// columns that are never set stay holes; small ones are packed.
class RangeAllocator {
 public:
  explicit RangeAllocator(uint64_t start) : at_(start) {}
  uint64_t take(uint64_t bytes) {
    const uint64_t alignment = bytes >= kPageBytes ? kPageBytes : 16;
    at_ = (at_ + alignment - 1) & ~(alignment - 1);
    const uint64_t start = at_;
    at_ += bytes;
    return start;
  }
  uint64_t end() const { return at_; }

 private:
  uint64_t at_;
};

}  // namespace

SegmentLayout::SegmentLayout(const TableSpec& spec, uint32_t rows)
    : capacity(rows), buckets(std::bit_ceil(rows)), numbers(spec.columns.size(), -1) {
  RangeAllocator ranges(kPageBytes);
  for (uint16_t i = 0; i < spec.columns.size(); i++) {
    const ColumnSpec& column = spec.columns[i];
    if (column.storage == Storage::absent) continue;
    const auto number = static_cast<uint16_t>(columns.size());
    numbers[i] = static_cast<int8_t>(number);
    const bool indexed = column.hash_indexed && indexes.size() < kMaxIndexes;
    const auto index = static_cast<int8_t>(indexed ? static_cast<int>(indexes.size()) : -1);
    columns.push_back({i, column.storage, width_of(column.storage), index, 0});
    bits_of(bits_like(*this, column.storage), number) |= bit(number);
    extend_runs(runs, i, number);
    if (indexed) indexes.push_back({number, ranges.take(buckets * uint64_t{2}), 0});
  }
  presence_words = static_cast<uint32_t>((columns.size() + 63) / 64);
  ntime = static_cast<uint16_t>(numbers[spec.ntime]);
  arrays_offset = capacity < kChunkRows ? ranges.end() : page_aligned(ranges.end());
  presence_offset = ranges.take(uint64_t{8} * presence_words * capacity);
  checksum_offset = ranges.take(uint64_t{4} * capacity);
  for (Index& index : indexes) index.previous_offset = ranges.take(uint64_t{2} * capacity);
  for (StoredColumn& column : columns)
    column.offset = ranges.take(uint64_t{column.width} * capacity);
  heap_offset = page_aligned(ranges.end());
}

PresenceBits SegmentLayout::stored_bits(const Row::Bits& set) const {
  PresenceBits stored{};
  for (const Run& run : runs) {
    stored[run.to_word] |= (set[run.from_word] >> run.from_shift & run.mask) << run.to_shift;
  }
  return stored;
}

uint64_t stored_layout_hash(const TableSpec& spec) {
  uint64_t hash = fold_product(spec.layout_hash ^ kFormat, number_hash(spec.ntime));
  for (const ColumnSpec& column : spec.columns) {
    const uint64_t kind = static_cast<uint64_t>(column.storage) * 2 + (column.hash_indexed ? 1 : 0);
    hash = fold_product(hash ^ number_hash(kind), content_hash(column.name));
  }
  return hash;
}

}  // namespace auditql
