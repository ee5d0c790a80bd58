#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "../health/health_region.h"

namespace auditql {

/// What the end of one task means for its process.
enum class LastTask : uint8_t { no, yes, unknown };

/// Tasks per process, counted from the kernel's own fork and exit messages: the process ends with
/// its last task, which need not be the one that led it. An exec by another thread swaps numbers
/// but not counts. Processes whose fork was not seen are unknown.
class TaskCounts {
 public:
  struct Options {
    size_t max_processes = 131072;
    Counter left_out;  ///< processes that are not counted because the bound is reached
  };
  explicit TaskCounts(const Options& options) : options_(options) {}

  void started(int32_t pid, int32_t tgid);
  LastTask ended(int32_t tgid);
  /// Messages were lost: no count can be trusted.
  void forget() { counts_.clear(); }
  size_t size() const { return counts_.size(); }

 private:
  Options options_;
  std::unordered_map<int32_t, uint32_t> counts_;
};

}  // namespace auditql
