#pragma once

#include <array>
#include <cstdint>

#include "segment.h"

namespace auditql {

/// What storing a row in the open segment takes.
struct RowPlan {
  PresenceBits present{};
  uint64_t heap_bytes = 0;  ///< upper bound
  bool must_reserve = false;
  PresenceBits unreserved{};   ///< columns without room for this row yet
  uint64_t reserve_bytes = 0;  ///< room on disk that reserving may take
};

/// Where a segment's next row goes.
struct SegmentEnd {
  uint32_t rows = 0;
  uint64_t heap_used = 0;
};

/// Room on disk for the rows of an open segment. It is taken before a row is written: a full disk
/// would be a SIGBUS then.
class SegmentSpace {
 public:
  void start(const Segment& segment, const SegmentEnd& end);

  /// Says what must be reserved for the row of the plan.
  void plan(RowPlan* plan, const SegmentEnd& end) const {
    bool has_room = !chunk_begins(end) && end.heap_used + plan->heap_bytes <= heap_reserved_;
    for (size_t word = 0; word < kPresenceWords; word++) {
      has_room = has_room && (plan->present[word] & ~reserved_[word]) == 0;
    }
    if (!has_room) plan_reservation(plan, end);
  }
  Status reserve(const RowPlan& plan, const SegmentEnd& end);
  /// Returns the room of rows from `from_row` on.
  void give_back(uint32_t from_row);
  /// What the file takes on disk.
  uint64_t reserved_bytes() const { return reserved_bytes_; }

 private:
  const SegmentLayout& layout() const { return segment_->layout(); }
  bool chunk_begins(const SegmentEnd& end) const {
    return !layout().reserved_whole() && end.rows >= chunk_end_;
  }
  void plan_reservation(RowPlan* plan, const SegmentEnd& end) const;
  Status reserve_parts(const RowPlan& plan, const SegmentEnd& end);
  Status reserve_chunk();
  uint32_t next_chunk_end() const;
  /// The rows of the present chunk in one array.
  Status reserve_array(uint64_t offset, uint64_t width);
  Status reserve_columns(const PresenceBits& columns);
  Status reserve_heap(uint64_t heap_end);
  template <typename Visit>
  void visit_fixed_arrays(const Visit& visit) const;

  const Segment* segment_ = nullptr;
  PresenceBits reserved_{};
  uint32_t chunk_begin_ = 0, chunk_end_ = 0;  ///< rows that have room
  bool small_chunks_ = false;
  uint64_t heap_reserved_ = 0;
  uint64_t claimed_bytes_ = 0;  ///< what was reserved, whether or not a recycled file had it
  uint64_t reserved_bytes_ = 0;
};

}  // namespace auditql
