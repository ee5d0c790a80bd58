// Room on disk for the rows of an open segment: SegmentWriter's part that talks to the filesystem.
#include <algorithm>
#include <bit>
#include <utility>

#include "segment_writer.h"

namespace auditql {

namespace {

/// Room in the heap is taken in steps of a chunk; small segments take small steps.
uint64_t heap_step(const SegmentLayout& layout) {
  return layout.reserved_whole() ? kPageBytes : 64 * kPageBytes;
}

}  // namespace

void SegmentWriter::plan_reservation(RowPlan* plan) const {
  const bool new_chunk = chunk_begins();
  const uint64_t chunk_rows = new_chunk ? next_chunk_end() - chunk_end_ : chunk_end_ - chunk_begin_;
  uint64_t bytes = 0;
  if (new_chunk) bytes += chunk_rows * layout().fixed_row_bytes();
  for (size_t word = 0; word < kPresenceWords; word++) {
    plan->unreserved[word] = plan->present[word] & ~(new_chunk ? 0 : reserved_[word]);
    for (uint64_t left = plan->unreserved[word]; left != 0; left &= left - 1) {
      const size_t stored = word * 64 + static_cast<size_t>(std::countr_zero(left));
      bytes += chunk_rows * layout().columns[stored].width;
    }
  }
  const uint64_t heap_end = heap_used_ + plan->heap_bytes;
  if (heap_end > heap_reserved_)
    bytes += page_aligned(heap_end - heap_reserved_ + heap_step(layout()));
  plan->must_reserve = bytes > 0;
  // A recycled file has most of its room already.
  if (claimed_bytes_ + bytes > reserved_bytes_) {
    plan->reserve_bytes = claimed_bytes_ + bytes - reserved_bytes_;
  }
}

Status SegmentWriter::reserve(const RowPlan& plan) {
  const uint32_t begin = chunk_begin_, end = chunk_end_;
  const uint64_t claimed = claimed_bytes_;
  const Status status = reserve_parts(plan);
  if (!status && chunk_end_ != end) {
    give_back(end);
    chunk_begin_ = begin;
    chunk_end_ = end;
    claimed_bytes_ = claimed;
    // The disk may not hold the whole segment, and yet what the next rows need.
    if (std::exchange(small_chunks_, true) == false) return reserve(plan);
  }
  reserved_bytes_ = segment_->file().disk_bytes();
  return status;
}

Status SegmentWriter::reserve_parts(const RowPlan& plan) {
  if (chunk_begins()) {
    if (Status status = reserve_chunk(); !status) return status;
  }
  for (size_t word = 0; word < kPresenceWords; word++) {
    for (uint64_t left = plan.unreserved[word]; left != 0; left &= left - 1) {
      const size_t stored = word * 64 + static_cast<size_t>(std::countr_zero(left));
      if ((bits_of(reserved_, stored) & bit(stored)) != 0) continue;
      const auto& column = layout().columns[stored];
      if (Status status = reserve_array(column.offset, column.width); !status) return status;
      bits_of(reserved_, stored) |= bit(stored);
    }
  }
  const uint64_t heap_end = heap_used_ + plan.heap_bytes;
  if (heap_end <= heap_reserved_) return Done{};
  const uint64_t end = std::min(page_aligned(heap_end + heap_step(layout()) - kPageBytes),
                                page_aligned(segment_->heap_capacity()));
  const uint64_t start = layout().heap_offset + heap_reserved_;
  if (Status status = segment_->file().reserve(start, end - heap_reserved_); !status) return status;
  claimed_bytes_ += end - heap_reserved_;
  heap_reserved_ = end;
  return Done{};
}

uint32_t SegmentWriter::next_chunk_end() const {
  const bool whole = chunk_end_ > 0 && !small_chunks_;
  return whole ? layout().capacity : std::min(chunk_end_ + kChunkRows, layout().capacity);
}

void SegmentWriter::give_back(uint32_t from_row) {
  const auto punch = [&](uint64_t offset, uint64_t width) {
    const uint64_t start = page_aligned(offset + from_row * width);
    const uint64_t end = offset + layout().capacity * width;
    if (start < end) segment_->file().punch(start, end - start);
  };
  if (layout().reserved_whole()) return;
  punch(layout().presence_offset, 8 * layout().presence_words);
  punch(layout().checksum_offset, 4);
  for (const auto& index : layout().indexes) punch(index.previous_offset, 2);
  for (const auto& column : layout().columns) punch(column.offset, column.width);
}

Status SegmentWriter::reserve_chunk() {
  const uint32_t end = next_chunk_end();
  chunk_begin_ = std::exchange(chunk_end_, end);
  reserved_ = {};
  Status status = reserve_array(layout().presence_offset, 8 * layout().presence_words);
  if (status) status = reserve_array(layout().checksum_offset, 4);
  for (const auto& index : layout().indexes) {
    if (status) status = reserve_array(index.previous_offset, 2);
  }
  return status;
}

Status SegmentWriter::reserve_array(uint64_t offset, uint64_t width) {
  const uint64_t bytes = uint64_t{chunk_end_ - chunk_begin_} * width;
  Status status = segment_->file().reserve(offset + chunk_begin_ * width, bytes);
  if (status) claimed_bytes_ += bytes;
  return status;
}

}  // namespace auditql
