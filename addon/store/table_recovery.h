#pragma once

#include <deque>
#include <memory>

#include "live_segments.h"
#include "segment_check.h"
#include "segment_writer.h"

namespace auditql {

/// What an earlier writer left behind, checked row by row.
struct RecoveredTable {
  std::shared_ptr<Manifest> manifest;
  std::deque<LiveSegments::Held> held;  ///< the last one may be open
  uint64_t open_heap_used = 0;          ///< of the open segment
};

/// Brings a table's directory into a state that a writer can go on from.
/// - Every row's checksum is computed again. A file with a wrong one is moved aside, whole, and
///   counted; all others are served. After a power loss (another boot, no orderly stop) pages that
///   never reached the disk are no surprise: then the rows before the first wrong one stay.
/// - A table with other columns is moved aside, whole.
/// - Whatever happens, the next eid is above every eid that was given.
class TableRecovery {
 public:
  TableRecovery(const TableSpec& spec, const TableDirectory& directory,
                const StoreCounters& counters)
      : spec_(spec), directory_(directory), counters_(counters), ender_(interner_) {}

  /// `first_eid`: where a table without any file starts.
  Result<RecoveredTable> run(uint64_t first_eid);

 private:
  Status read_manifest();
  void set_table_aside(Manifest& manifest);
  Status load(uint64_t ordinal, bool last);
  void accept(const std::shared_ptr<Segment>& segment, const CheckedRows& checked, bool last);
  void set_damaged_aside(const std::string& path);
  uint32_t promised_rows(const Segment& segment, bool last) const;
  ManifestNumbers settle_numbers();

  const TableSpec& spec_;
  const TableDirectory& directory_;
  const StoreCounters& counters_;
  StringInterner interner_;
  SegmentWriter ender_;  ///< seals what does not take more rows
  RecoveredTable table_;
  ManifestNumbers found_;
  bool has_manifest_ = false;
  bool eids_uncertain_ = false;  ///< a damaged file may have held higher eids than any other says
  bool power_was_lost_ = false;
};

}  // namespace auditql
