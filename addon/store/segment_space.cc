#include "segment_space.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace auditql {

namespace {

/// Room in the heap is taken in steps of a chunk; small segments take small steps.
uint64_t heap_step(const SegmentLayout& layout) {
  return layout.reserved_whole() ? kPageBytes : 64 * kPageBytes;
}

/// Calls `visit` with the number of each column until one call fails.
template <typename Visit>
Status for_each_column(const PresenceBits& columns, const Visit& visit) {
  for (size_t word = 0; word < kPresenceWords; word++) {
    for (uint64_t left = columns[word]; left != 0; left &= left - 1) {
      const Status status = visit(word * 64 + static_cast<size_t>(std::countr_zero(left)));
      if (!status) return status;
    }
  }
  return Done{};
}

}  // namespace

void SegmentSpace::start(const Segment& segment, const SegmentEnd& end) {
  segment_ = &segment;
  // What was reserved before is reserved once more, which is harmless.
  reserved_ = {};
  chunk_begin_ = chunk_end_ = 0;
  if (end.rows >= kChunkRows) chunk_end_ = kChunkRows;
  small_chunks_ = false;
  heap_reserved_ = end.rows == 0 ? 0 : page_aligned(end.heap_used);
  reserved_bytes_ = segment.file().disk_bytes();
  claimed_bytes_ = end.rows == 0 ? 0 : reserved_bytes_;
  if (layout().reserved_whole()) reserved_.fill(UINT64_MAX);
}

void SegmentSpace::plan_reservation(RowPlan* plan, const SegmentEnd& end) const {
  const bool new_chunk = chunk_begins(end);
  const uint64_t chunk_rows = new_chunk ? next_chunk_end() - chunk_end_ : chunk_end_ - chunk_begin_;
  uint64_t bytes = 0;
  if (new_chunk) bytes += chunk_rows * layout().fixed_row_bytes();
  for (size_t word = 0; word < kPresenceWords; word++) {
    plan->unreserved[word] = plan->present[word] & ~(new_chunk ? 0 : reserved_[word]);
  }
  (void)for_each_column(plan->unreserved, [&](size_t stored) -> Status {
    bytes += chunk_rows * layout().columns[stored].width;
    return Done{};
  });
  const uint64_t heap_end = end.heap_used + plan->heap_bytes;
  if (heap_end > heap_reserved_)
    bytes += page_aligned(heap_end - heap_reserved_ + heap_step(layout()));
  plan->must_reserve = true;
  // A recycled file has most of its room already.
  if (claimed_bytes_ + bytes > reserved_bytes_) {
    plan->reserve_bytes = claimed_bytes_ + bytes - reserved_bytes_;
  }
}

Status SegmentSpace::reserve(const RowPlan& plan, const SegmentEnd& end) {
  const uint32_t chunk_begin = chunk_begin_, chunk_end = chunk_end_;
  const uint64_t claimed = claimed_bytes_;
  const Status status = reserve_parts(plan, end);
  if (!status && chunk_end_ != chunk_end) {
    give_back(chunk_end);
    chunk_begin_ = chunk_begin;
    chunk_end_ = chunk_end;
    claimed_bytes_ = claimed;
    // The disk may not hold the whole segment, and yet what the next rows need.
    if (std::exchange(small_chunks_, true) == false) return reserve(plan, end);
  }
  reserved_bytes_ = segment_->file().disk_bytes();
  return status;
}

Status SegmentSpace::reserve_parts(const RowPlan& plan, const SegmentEnd& end) {
  if (chunk_begins(end)) {
    if (Status status = reserve_chunk(); !status) return status;
  }
  if (Status status = reserve_columns(plan.unreserved); !status) return status;
  return reserve_heap(end.heap_used + plan.heap_bytes);
}

Status SegmentSpace::reserve_columns(const PresenceBits& columns) {
  return for_each_column(columns, [&](size_t stored) -> Status {
    if ((bits_of(reserved_, stored) & bit(stored)) != 0) return Done{};
    const auto& column = layout().columns[stored];
    if (Status status = reserve_array(column.offset, column.width); !status) return status;
    bits_of(reserved_, stored) |= bit(stored);
    return Done{};
  });
}

Status SegmentSpace::reserve_heap(uint64_t heap_end) {
  if (heap_end <= heap_reserved_) return Done{};
  const uint64_t end = std::min(page_aligned(heap_end + heap_step(layout()) - kPageBytes),
                                page_aligned(segment_->heap_capacity()));
  const uint64_t start = layout().heap_offset + heap_reserved_;
  if (Status status = segment_->file().reserve(start, end - heap_reserved_); !status) return status;
  claimed_bytes_ += end - heap_reserved_;
  heap_reserved_ = end;
  return Done{};
}

uint32_t SegmentSpace::next_chunk_end() const {
  const bool whole = chunk_end_ > 0 && !small_chunks_;
  return whole ? layout().capacity : std::min(chunk_end_ + kChunkRows, layout().capacity);
}

template <typename Visit>
void SegmentSpace::visit_fixed_arrays(const Visit& visit) const {
  visit(layout().presence_offset, uint64_t{8} * layout().presence_words);
  visit(layout().checksum_offset, uint64_t{4});
  for (const auto& index : layout().indexes) visit(index.previous_offset, uint64_t{2});
}

void SegmentSpace::give_back(uint32_t from_row) {
  if (layout().reserved_whole()) return;
  const auto punch = [&](uint64_t offset, uint64_t width) {
    const uint64_t start = page_aligned(offset + from_row * width);
    const uint64_t end = offset + layout().capacity * width;
    if (start < end) segment_->file().punch(start, end - start);
  };
  visit_fixed_arrays(punch);
  for (const auto& column : layout().columns) punch(column.offset, column.width);
}

Status SegmentSpace::reserve_chunk() {
  const uint32_t end = next_chunk_end();
  chunk_begin_ = std::exchange(chunk_end_, end);
  reserved_ = {};
  Status status = Done{};
  visit_fixed_arrays([&](uint64_t offset, uint64_t width) {
    if (status) status = reserve_array(offset, width);
  });
  return status;
}

Status SegmentSpace::reserve_array(uint64_t offset, uint64_t width) {
  const uint64_t bytes = uint64_t{chunk_end_ - chunk_begin_} * width;
  Status status = segment_->file().reserve(offset + chunk_begin_ * width, bytes);
  if (status) claimed_bytes_ += bytes;
  return status;
}

}  // namespace auditql
