#pragma once

#include <array>
#include <string>
#include <string_view>

#include "../health/health_region.h"

namespace auditql {

/// Why a row is no longer in its table.
enum class DropReason : uint8_t {
  expired,
  max_rows,
  max_bytes,
  disk_full,  ///< it made room for a newer row
  damaged,    ///< its file was
};
constexpr std::array<std::string_view, 5> kDropReasons = {"expired", "max_rows", "max_bytes",
                                                          "disk_full", "damaged"};

/// Why a new row was not stored.
enum class RefuseReason : uint8_t {
  disk_full,
  disk_error,  ///< a segment could not be created for another reason
  too_big,     ///< one row larger than a segment may be
};
constexpr std::array<std::string_view, 3> kRefuseReasons = {"disk_full", "disk_error", "too_big"};

/// The counters of one table in the health region, stage `store`.
class StoreCounters {
 public:
  StoreCounters(HealthRegion& health, const std::string& table)
      : stored(health.counter({"store", table, "stored"})),
        rows(health.counter({"store", table, "rows"})),
        bytes(health.counter({"store", table, "bytes"})),
        first_eid(health.counter({"store", table, "first_eid"})),
        next_eid(health.counter({"store", table, "next_eid"})),
        misfit_cells(health.counter({"store", table, "misfit_cells"})),
        damaged_files(health.counter({"store", table, "damaged_files"})),
        rebuilt_indexes(health.counter({"store", table, "rebuilt_indexes"})),
        layout_changes(health.counter({"store", table, "layout_changes"})) {
    for (size_t i = 0; i < kRefuseReasons.size(); i++) {
      refused_[i] = health.counter({"store", table, "refused", kRefuseReasons[i]});
    }
    for (size_t i = 0; i < kDropReasons.size(); i++) {
      dropped_[i] = health.counter({"store", table, "dropped", kDropReasons[i]});
      unread_[i] = health.counter({"store", table, "dropped_unread", kDropReasons[i]});
    }
  }

  const Counter& refused(RefuseReason reason) const {
    return refused_[static_cast<size_t>(reason)];
  }
  const Counter& dropped(DropReason reason) const { return dropped_[static_cast<size_t>(reason)]; }
  /// Of those, the rows that a scheduled query had not read.
  const Counter& unread(DropReason reason) const { return unread_[static_cast<size_t>(reason)]; }

  Counter stored;
  Counter rows, bytes, first_eid, next_eid;  ///< gauges
  Counter misfit_cells;     ///< cells that did not fit their column and became NULL
  Counter damaged_files;    ///< moved aside
  Counter rebuilt_indexes;  ///< segments whose hash indexes were wrong
  Counter layout_changes;   ///< tables moved aside because their columns changed

 private:
  std::array<Counter, kDropReasons.size()> dropped_, unread_;
  std::array<Counter, kRefuseReasons.size()> refused_;
};

}  // namespace auditql
