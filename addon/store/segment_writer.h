#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "row_checksum.h"
#include "segment.h"
#include "string_interner.h"

namespace auditql {

/// What storing a row in the open segment takes.
struct RowPlan {
  PresenceBits present{};
  PresenceBits unreserved{};  ///< columns without room for this row yet
  uint64_t heap_bytes = 0;    ///< upper bound
  bool must_reserve = false;
  uint64_t reserve_bytes = 0;  ///< room on disk that reserving may take
};

/// Appends rows to one open segment. Order of calls for a row: plan, fits, reserve, write; the row
/// becomes visible when the table publishes the next eid.
class SegmentWriter {
 public:
  explicit SegmentWriter(StringInterner& interner) : interner_(interner) {}

  /// Goes on with `segment` behind its first `rows` rows and `heap_used` bytes of heap.
  void start(std::shared_ptr<Segment> segment, uint32_t rows, uint64_t heap_used);
  const std::shared_ptr<Segment>& segment() const { return segment_; }
  uint32_t rows() const { return rows_; }
  uint64_t next_eid() const { return segment_->base_eid() + rows_; }
  uint64_t reserved_bytes() const { return reserved_bytes_; }

  RowPlan plan(const Row& row) const;
  bool fits(const RowPlan& plan) const;
  Status reserve(const RowPlan& plan);
  /// Gives the number of cells that did not fit their column and became NULL.
  uint32_t write(const Row& row, const RowPlan& plan);
  /// Ends the segment: no row follows. Gives the room it takes on disk.
  uint64_t seal();

 private:
  /// The string that a column held last: most columns repeat themselves from row to row.
  struct LastString {
    uint64_t hash = 0;
    std::string_view bytes;
    uint32_t offset = 0;
    bool valid = false;
    uint32_t misses = 0;  ///< strings in a row that were new to the segment
  };
  struct StoredText {
    uint32_t offset;
    uint64_t hash;
  };

  bool chunk_begins() const { return !layout().reserved_whole() && rows_ >= chunk_end_; }
  const SegmentLayout& layout() const { return segment_->layout(); }
  void plan_room(RowPlan* plan) const;
  void plan_reservation(RowPlan* plan) const;
  Status reserve_parts(const RowPlan& plan);
  Status reserve_chunk();
  uint32_t next_chunk_end() const;
  /// Returns the room of rows from `from_row` on.
  void give_back(uint32_t from_row);
  /// The rows of the present chunk in one array.
  Status reserve_array(uint64_t offset, uint64_t width);
  bool put_number(size_t stored, uint64_t number, RowChecksum* checksum);
  bool put_uuid(size_t stored, std::string_view bytes, RowChecksum* checksum);
  void put_text(size_t stored, std::string_view bytes, RowChecksum* checksum);
  bool put(size_t stored, const Row::Cell& cell, RowChecksum* checksum);
  StoredText store_text(std::string_view bytes, LastString* last);
  std::string_view bytes_at(uint32_t offset, size_t length) const;
  void link(size_t stored);
  void note_ntime();

  StringInterner& interner_;
  std::shared_ptr<Segment> segment_;
  std::vector<LastString> last_;
  PresenceBits reserved_{};
  uint32_t rows_ = 0;
  uint32_t chunk_begin_ = 0, chunk_end_ = 0;  ///< rows that have room
  bool small_chunks_ = false;
  uint64_t heap_used_ = 0;
  uint64_t heap_reserved_ = 0;
  uint64_t claimed_bytes_ = 0;   ///< what was reserved, whether or not a recycled file had it
  uint64_t reserved_bytes_ = 0;  ///< what the file takes on disk
};

}  // namespace auditql
