#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "../health/health_region.h"

namespace auditql {

/// Finds out which processes make no audit records of their own calls. A process gets its audit
/// context at fork, and only once auditing was enabled (audit_alloc() in kernel/auditsc.c), so
/// those are all that started before some moment, which the kernel does not tell. It is bounded
/// from both sides: whoever made a record is younger, and whose fork the process connector told
/// while no record came is older. Times are start times in clock ticks since boot.
class SilentProcesses {
 public:
  /// Live processes that are known to be silent.
  struct Found {
    uint64_t count = 0;
    std::vector<std::string> names;  ///< each once, not all
  };

  explicit SilentProcesses(HealthRegion& health);

  // Decoding thread.
  /// Whether a fork by such a process would tell anything new.
  bool is_open(uint64_t start_ticks) const { return start_ticks != 0 && start_ticks < audited_; }
  void forked(uint64_t start_ticks, uint64_t now_ns);
  void recorded(uint64_t start_ticks);
  /// Records were lost, or are kept out by rules: forks of now prove nothing.
  void forget() { pending_.clear(); }
  /// To be called when nothing waits to be decoded. Processes that started before the answer are
  /// silent; 0: none is known to be.
  uint64_t settle(uint64_t now_ns);
  void store(Found found);

  /// Any thread.
  Found found() const;

 private:
  struct Fork {
    uint64_t start_ticks, due_ns;
  };
  uint64_t audited_ = UINT64_MAX;  ///< the oldest start of a process that made a record
  uint64_t silent_ = 0;            ///< processes that started before are silent
  std::deque<Fork> pending_;
  Counter count_;
  mutable std::mutex mutex_;
  Found found_;
};

}  // namespace auditql
