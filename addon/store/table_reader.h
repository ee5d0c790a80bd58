#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "../system/result.h"
#include "row.h"

namespace auditql {

/// What a reader sees: rows `first_eid <= eid < end_eid`. Fixed for the life of a scan.
struct Snapshot {
  uint64_t first_eid = 0;
  uint64_t end_eid = 0;
  uint64_t missing = 0;  ///< rows in between whose file was damaged and moved aside
  uint64_t rows() const { return end_eid - first_eid - missing; }
};

/// Which rows a scan visits. All bounds are inclusive; rows outside are skipped without being read
/// where the segments allow it.
struct ScanRequest {
  uint64_t min_eid = 0, max_eid = UINT64_MAX;
  uint64_t min_ntime = 0, max_ntime = UINT64_MAX;
  struct Point {
    uint16_t column;      ///< a hash_indexed column
    uint64_t number = 0;  ///< integer columns
    UuidBytes uuid{};     ///< uuid columns
  };
  std::optional<Point> point;
  bool descending = false;  ///< newest first
};

/// A stored cell. `bytes` stays valid as long as the scan's row.
struct StoredCell {
  enum class Kind : uint8_t { null, number, bytes, uuid };
  Kind kind = Kind::null;
  bool utf8 = true;  ///< bytes: valid UTF-8
  int64_t number = 0;
  std::string_view bytes;  ///< bytes; uuid: 16 bytes
};

/// One pass over a table, in order of eid.
class Scan {
 public:
  virtual ~Scan() = default;
  /// Steps to the next row; false at the end.
  virtual bool next() = 0;
  virtual uint64_t eid() const = 0;
  virtual StoredCell cell(uint16_t column) const = 0;  ///< a stored, not a derived column
  /// Rows of the snapshot that the writer evicted before the scan reached them.
  virtual uint64_t evicted() const = 0;
  /// A file was cut short or overwritten under the scan: rows of it are missing, or are wrong.
  virtual bool damaged() const = 0;
};

/// The reading side: maps a table's files read-only, in any process. Single-threaded.
class TableReader {
 public:
  /// `directory` as in EventTable::Options. A table that does not exist yet reads as empty.
  static Result<std::unique_ptr<TableReader>> open(const TableSpec& spec,
                                                   const std::string& directory);
  virtual ~TableReader() = default;
  virtual Snapshot snapshot() = 0;
  virtual std::unique_ptr<Scan> scan(const Snapshot& snapshot, const ScanRequest& request) = 0;
  /// Lets go of the files until the next snapshot(). For a reader that falls idle: a mapped file
  /// takes its room on disk even after the writer evicted it. Scans keep theirs.
  virtual void release() = 0;
  /// Estimated rows that a point lookup finds, for the query planner.
  virtual double rows_per_key(uint16_t column) const = 0;
};

}  // namespace auditql
