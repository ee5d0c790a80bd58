#pragma once

#include "../health/health_region.h"
#include "../identity/boot_clock.h"
#include "../identity/lifetime_folder.h"
#include "../store/event_table.h"
#include "row_text.h"

namespace auditql {

/// Fills process_lifetimes: folds what happens to each process and stores a row once nothing more
/// can be added. Decoding thread only.
class LifetimeRows {
 public:
  struct Options {
    EventTable* table = nullptr;
    HealthRegion* health = nullptr;
    uint64_t boot_ns = 0;  ///< wall clock at boot; 0 where the events are not of this host
  };
  explicit LifetimeRows(const Options& options);

  LifetimeFolder& folder() { return folder_; }
  /// Stores what is complete by `now_ns`, on the clock of the events.
  void store(uint64_t now_ns);
  /// Stores the rest; nothing more will come.
  void finish() { store(UINT64_MAX); }

 private:
  void append(const Lifetime& lifetime);

  Options options_;
  LifetimeFolder folder_{{}};
  Row row_;
  RowText text_;
  uint64_t dropped_before_ = 0, args_dropped_before_ = 0;
  Counter open_, dropped_, args_dropped_;
};

}  // namespace auditql
