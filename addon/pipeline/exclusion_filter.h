#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../capture/exclusion.h"
#include "../decode/event.h"
#include "../health/health_region.h"

namespace auditql {

/// What an exclusion is compared with, of one event.
struct ExclusionSubject {
  const Caller& caller;
  std::string_view syscall;     ///< name; empty when unknown
  std::string_view parent_exe;  ///< file that the caller's parent runs; empty when unknown
};

struct ExclusionFilterOptions {
  std::vector<Exclusion> exclusions;
  bool in_kernel = false;  ///< the backend has those as rules that the kernel can test
  int32_t own_pid = 0;     ///< the daemon, whose query workers are excluded too; 0: none
};

/// Keeps events out of the store, after identity has learned from them. Applies every exclusion,
/// also those that the kernel has as a rule: a rule may be gone, another backend knows none, and
/// events of the time before the rule was loaded are still on their way. What is not known of an
/// event does not match, so that the event is kept.
///
/// Counts under {"capture", text of the exclusion, "excluded"}; what a kernel rule keeps out is
/// counted by nobody, which {…, "kernel_rules"} > 0 says. Decoding thread only.
class ExclusionFilter {
 public:
  ExclusionFilter(const ExclusionFilterOptions& options, HealthRegion& health);

  bool excludes(const ExclusionSubject& subject) const;
  /// Whether any exclusion asks for `parent_exe`, which costs a look-up.
  bool needs_parent() const { return needs_parent_; }

 private:
  struct Item {
    Exclusion exclusion;
    Counter excluded;
  };
  bool is_own_worker(const Caller& caller) const;

  std::vector<Item> items_;
  bool needs_parent_ = false;
  int32_t own_pid_;
  std::string own_exe_;
  Counter own_workers_;
};

}  // namespace auditql
