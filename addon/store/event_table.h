#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../health/health_region.h"
#include "../system/result.h"
#include "row.h"

namespace auditql {

/// Bounds of one table; whichever is reached first drops the oldest rows.
struct TableLimits {
  uint64_t max_rows = 500'000;     ///< events_max; 0: no bound
  uint64_t expiry_seconds = 3600;  ///< events_expiry, by ntime against the clock; 0: no bound
  /// events_max_bytes: room on disk, never passed; less than 1 MiB counts as 1 MiB, 0: no bound.
  uint64_t max_bytes = 256ull << 20;
};

/// The writing side of one event table, of one process and for any of its threads: append() and
/// expire() take turns. Any number of processes read through TableReader meanwhile and are never
/// waited for.
class EventTable {
 public:
  struct Options {
    std::string directory;  ///< the store's directory; the table lives in `directory`/`name`
    TableLimits limits;
    uint64_t first_eid = 1;  ///< of a table without any file; others go on with theirs
  };

  /// Opens or creates the table. Damaged files are moved aside (`*.damaged-N`), counted, and the
  /// table starts anew behind the highest eid that is known. Errors: store_locked (another process
  /// writes), store_open_failed.
  static Result<std::unique_ptr<EventTable>> open(const TableSpec& spec, const Options& options,
                                                  HealthRegion& health);
  virtual ~EventTable() = default;

  /// Stores the row and gives its eid; 0 when it had to be dropped (counted).
  virtual uint64_t append(const Row& row) = 0;
  /// Drops rows older than expiry_seconds and looks after the files; call about once a second.
  virtual void expire(uint64_t now_ns) = 0;
  /// Takes effect with the next append() or expire().
  virtual void set_limits(const TableLimits& limits) = 0;
  /// Rows below `eid` were read by every scheduled query; what is evicted at or above
  /// it is counted as dropped unread.
  virtual void set_read_below(uint64_t eid) = 0;
  /// Pushes what is stored to the disk (msync); for orderly stops.
  virtual Status flush() = 0;
  virtual uint64_t first_eid() const = 0;
  virtual uint64_t next_eid() const = 0;
};

}  // namespace auditql
