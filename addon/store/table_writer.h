#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "event_table.h"
#include "live_segments.h"
#include "segment_writer.h"
#include "table_recovery.h"

namespace auditql {

/// EventTable over segment files; see segment_layout.h for the format.
class TableWriter final : public EventTable {
 public:
  TableWriter(const TableSpec& spec, const Options& options, HealthRegion& health);
  ~TableWriter() override;

  /// Locks the directory and takes over what is in it.
  Status start();

  uint64_t append(const Row& row) override;
  void expire(uint64_t now_ns) override;
  void set_limits(const TableLimits& limits) override;
  void set_read_below(uint64_t eid) override { live_.set_read_below(eid); }
  Status flush() override { return live_.flush(); }
  uint64_t first_eid() const override { return live_.first_eid(); }
  uint64_t next_eid() const override { return live_.next_eid(); }

 private:
  /// False, for the row that is not stored.
  bool refuse(RefuseReason reason);
  /// Finds or makes room for the row; false after having counted why there is none.
  bool prepare(const Row& row, RowPlan* plan);
  bool begin_segment();
  Result<std::shared_ptr<Segment>> make_segment(const Segment::Identity& identity);
  void end_segment();
  bool exceeds(uint64_t upcoming_bytes) const;
  bool segment_is_due(const RowPlan& plan) const;
  /// Frees room by the oldest rows; at the last by those of the open segment.
  bool evict_some(DropReason reason);
  void enforce_limits(uint64_t upcoming_rows);
  uint64_t first_unexpired(uint64_t cutoff_ns, uint64_t now_ns) const;
  void watch_files();
  void quarantine(size_t at);

  uint64_t max_rows() const { return max_rows_.load(std::memory_order_relaxed); }
  uint64_t max_bytes() const { return max_bytes_.load(std::memory_order_relaxed); }
  uint64_t segment_bytes() const;
  uint32_t segment_rows() const;
  uint64_t largest_row() const;

  const TableSpec& spec_;
  const uint64_t first_eid_;
  std::mutex writing_;  ///< one append() or expire() at a time
  TableDirectory directory_;
  StoreCounters counters_;
  StringInterner interner_;
  SegmentWriter writer_;
  bool open_ = false;  ///< writer_ has a segment that takes rows
  LiveSegments live_;
  std::atomic<uint64_t> max_rows_, expiry_seconds_, max_bytes_;
};

}  // namespace auditql
