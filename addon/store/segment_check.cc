#include "segment_check.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "../bytes/content_hash.h"
#include "row_checksum.h"

namespace auditql {

namespace {

/// Walks the rows of one segment and computes their checksums.
class RowChecker {
 public:
  explicit RowChecker(const Segment& segment)
      : segment_(segment), last_(segment.layout().columns.size()) {}

  bool holds(uint32_t row) {
    const SegmentLayout& layout = segment_.layout();
    RowChecksum checksum(segment_.base_eid() + row);
    for (size_t word = 0; word < layout.presence_words; word++) {
      const uint64_t bits = segment_.presence()[uint64_t{row} * layout.presence_words + word];
      checksum.add_presence(word, bits);
      for (uint64_t left = bits; left != 0; left &= left - 1) {
        const size_t stored = word * 64 + static_cast<size_t>(std::countr_zero(left));
        if (stored >= layout.columns.size() || !add(row, stored, &checksum)) return false;
      }
    }
    return segment_.checksums()[row] == checksum.value();
  }
  uint64_t heap_end() const { return heap_end_; }

 private:
  struct LastString {
    uint32_t offset = 0;
    uint64_t hash = content_hash({});
  };

  bool add(uint32_t row, size_t stored, RowChecksum* checksum) {
    const SegmentLayout::StoredColumn& column = segment_.layout().columns[stored];
    const uint8_t* cell = segment_.cells(stored) + uint64_t{row} * column.width;
    if (column.storage == Storage::text) return add_text(cell, stored, checksum);
    if (column.width == 16) {
      checksum->add(stored, load_u64(cell));
      checksum->add(stored, load_u64(cell + 8), 1);
      return true;
    }
    checksum->add(stored, load_number(cell, column.width));
    return true;
  }

  bool add_text(const uint8_t* cell, size_t stored, RowChecksum* checksum) {
    uint32_t offset;
    std::memcpy(&offset, cell, sizeof(offset));
    LastString& last = last_[stored];
    if (offset != last.offset) {
      const auto text = segment_.heap_string_at(offset);
      if (!text) return false;
      last = {offset, content_hash(text->bytes)};
      const auto* end = reinterpret_cast<const uint8_t*>(text->bytes.data()) + text->bytes.size();
      heap_end_ = std::max(heap_end_, static_cast<uint64_t>(end - segment_.heap()));
    }
    checksum->add(stored, last.hash);
    return true;
  }

  const Segment& segment_;
  std::vector<LastString> last_;
  uint64_t heap_end_ = 1;
};

/// Takes out the one row that may have been linked without having been published.
void unlink_unpublished(const Segment& segment, size_t index, uint32_t rows) {
  uint16_t* buckets = segment.buckets(index);
  for (uint32_t i = 0; i < segment.layout().buckets; i++) {
    if (buckets[i] != rows + 1 || rows >= segment.layout().capacity) continue;
    __atomic_store_n(buckets + i, segment.previous(index)[rows], __ATOMIC_RELEASE);
  }
}

/// Whether every set cell is reached from its own bucket, and nothing else is.
bool index_holds(const Segment& segment, size_t index, uint32_t rows) {
  const uint16_t stored = segment.layout().indexes[index].stored;
  const uint16_t* previous = segment.previous(index);
  uint32_t reached = 0;
  for (uint32_t bucket = 0; bucket < segment.layout().buckets; bucket++) {
    uint32_t bound = rows;
    for (uint32_t next = segment.buckets(index)[bucket]; next != 0; next = previous[next - 1]) {
      if (next > bound) return false;
      bound = next - 1;
      if (!segment.present(next - 1, stored)) return false;
      if (segment.bucket_of(next - 1, stored) != bucket) return false;
      reached++;
    }
  }
  uint32_t expected = 0;
  for (uint32_t row = 0; row < rows; row++) expected += segment.present(row, stored) ? 1 : 0;
  return reached == expected;
}

void build_index(const Segment& segment, size_t index, uint32_t rows) {
  const uint16_t stored = segment.layout().indexes[index].stored;
  uint16_t* buckets = segment.buckets(index);
  uint32_t used = 0;
  std::fill_n(buckets, segment.layout().buckets, uint16_t{0});
  for (uint32_t row = 0; row < rows; row++) {
    if (!segment.present(row, stored)) continue;
    uint16_t& newest = buckets[segment.bucket_of(row, stored)];
    if (newest == 0) used++;
    segment.previous(index)[row] = newest;
    newest = static_cast<uint16_t>(row + 1);
  }
  segment.header().used_buckets[index].store(used, std::memory_order_relaxed);
}

}  // namespace

CheckedRows check_rows(const Segment& segment, uint32_t limit) {
  CheckedRows checked;
  RowChecker checker(segment);
  while (checked.rows < limit && checker.holds(checked.rows)) {
    const uint64_t ntime = segment.ntime(checked.rows);
    checked.min_ntime = std::min(checked.min_ntime, ntime);
    checked.max_ntime = std::max(checked.max_ntime, ntime);
    checked.rows++;
  }
  checked.heap_end = checker.heap_end();
  return checked;
}

bool mend_indexes(const Segment& segment, uint32_t rows) {
  bool held = true;
  for (size_t index = 0; index < segment.layout().indexes.size(); index++) {
    unlink_unpublished(segment, index, rows);
    if (index_holds(segment, index, rows)) continue;
    build_index(segment, index, rows);
    held = false;
  }
  return held;
}

}  // namespace auditql
