#pragma once

#include <memory>
#include <vector>

#include "segment.h"
#include "table_reader.h"

namespace auditql {

/// Segments of a table, oldest first.
using SegmentList = std::vector<std::shared_ptr<const Segment>>;

/// Scan over the segments that were mapped when it began; it keeps them mapped.
class TableScan final : public Scan {
 public:
  TableScan(std::shared_ptr<const SegmentList> segments, const Snapshot& snapshot,
            const ScanRequest& request);

  bool next() override;
  uint64_t eid() const override { return segment_->base_eid() + row_; }
  StoredCell cell(uint16_t column) const override;
  uint64_t evicted() const override { return evicted_; }
  bool damaged() const override { return damaged_; }

 private:
  /// Goes on with the next segment that may hold rows asked for.
  bool enter_segment();
  bool skip_segment(uint64_t from, uint64_t to) const;
  bool step();
  bool in_time(uint32_t row) const;

  std::shared_ptr<const SegmentList> segments_;
  ScanRequest request_;
  uint64_t end_eid_;
  uint64_t evicted_ = 0;
  bool damaged_ = false;

  size_t entered_ = 0;  ///< segments, from the end where the request is descending
  const Segment* segment_ = nullptr;
  bool check_time_ = false;
  uint32_t row_ = 0;
  uint32_t left_ = 0;              ///< rows or matches of the segment still to visit
  uint32_t at_ = 0;                ///< next row, or next index in matches_
  std::vector<uint16_t> matches_;  ///< of a point, newest first
};

}  // namespace auditql
