#pragma once

#include <array>
#include <memory>
#include <vector>

#include "heap_writer.h"
#include "row_checksum.h"
#include "segment.h"
#include "segment_space.h"

namespace auditql {

/// Appends rows to one open segment. Order of calls for a row: plan, fits, reserve, write; the row
/// becomes visible when the table publishes the next eid.
class SegmentWriter {
 public:
  explicit SegmentWriter(StringInterner& interner) : heap_(interner) {}

  /// Goes on with `segment` behind its first `rows` rows and `heap_used` bytes of heap.
  void start(std::shared_ptr<Segment> segment, uint32_t rows, uint64_t heap_used);
  const std::shared_ptr<Segment>& segment() const { return segment_; }
  uint32_t rows() const { return rows_; }
  uint64_t next_eid() const { return segment_->base_eid() + rows_; }
  uint64_t reserved_bytes() const { return space_.reserved_bytes(); }

  RowPlan plan(const Row& row) const;
  bool fits(const RowPlan& plan) const;
  Status reserve(const RowPlan& plan) { return space_.reserve(plan, end()); }
  /// Gives the number of cells that did not fit their column and became NULL.
  uint32_t write(const Row& row, const RowPlan& plan);
  /// Ends the segment: no row follows. Gives the room it takes on disk.
  uint64_t seal();

 private:
  /// A stored column: where its cells lie and which one of the row's it takes.
  struct Target {
    uint8_t* cells;
    uint16_t column;
  };
  struct Link {
    uint16_t* buckets;
    uint16_t* previous;
    uint16_t stored;  ///< number of the indexed column
    bool of_uuids;
  };
  /// The row being written.
  struct Pending {
    const Row& row;
    PresenceBits present;
    RowChecksum checksum;
    std::array<uint16_t*, kMaxIndexes> buckets{};  ///< that the row goes into
    uint32_t misfits = 0;
  };

  const SegmentLayout& layout() const { return segment_->layout(); }
  SegmentEnd end() const { return {rows_, heap_.used()}; }
  template <typename Number>
  void put_numbers(Pending& pending, const PresenceBits& columns) const;
  void put_uuids(Pending& pending) const;
  void put_texts(Pending& pending);
  static void leave_out(Pending& pending, size_t stored);
  void find_buckets(Pending& pending) const;
  void link_indexes(const Pending& pending);
  void note_ntime();

  HeapWriter heap_;
  SegmentSpace space_;
  std::shared_ptr<Segment> segment_;
  std::vector<Target> targets_;
  std::vector<Link> links_;
  uint32_t rows_ = 0;
};

}  // namespace auditql
