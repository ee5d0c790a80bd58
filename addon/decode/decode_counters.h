#pragma once

#include <cstdint>
#include <map>

#include "../health/health_region.h"

namespace auditql {

/// A counter with a single writer: no locked instruction per event.
class Tally {
 public:
  explicit Tally(Counter counter) : counter_(counter), total_(counter.get()) {}
  void add(uint64_t n = 1) {
    total_ += n;
    counter_.set(total_);
  }
  uint64_t get() const { return total_; }

 private:
  Counter counter_;
  uint64_t total_;
};

/// Rows `{"decode", "audit", …}` of the health table. When nothing is in flight,
/// seen = used + ignored (all reasons) + dropped (all reasons).
class DecodeCounters {
 public:
  explicit DecodeCounters(HealthRegion& region);

  Tally seen;               ///< records (lines, messages)
  Tally used;               ///< records of events that were handed on
  Tally events;             ///< events handed on
  Tally events_ignored;     ///< events that nobody takes
  Tally partial_timeout;    ///< of these: records missing, and none came in time
  Tally partial_evicted;    ///< … delivered early to stay within limits
  Tally partial_lost;       ///< … ended by the kernel, yet a record is missing
  Tally ignored_eoe;        ///< end marks
  Tally dropped_malformed;  ///< text that is no audit record
  Tally dropped_too_big;    ///< line or event beyond its limit
  Tally dropped_late;       ///< record of an event that was already handed on

  /// Records of an event that nobody wanted, under the name of its first record's type.
  void ignore(uint16_t type, uint64_t records);

 private:
  HealthRegion& region_;
  std::map<uint16_t, Tally> ignored_;
};

}  // namespace auditql
