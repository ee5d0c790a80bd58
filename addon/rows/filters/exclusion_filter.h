#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "../../capture/exclusion.h"
#include "../../decode/event.h"
#include "../../health/health_region.h"

namespace auditql {

/// What an exclusion is compared with, of one event.
struct ExclusionSubject {
  const Caller& caller;
  /// The call; more where a source tells what was done but not by which call; none when unknown.
  std::span<const std::string_view> syscalls;
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
/// counted by nobody, which {…, "kernel_rules", "uncounted"} > 0 says; why there is no such rule is
/// the reason of {…, "not_in_kernel"}. Decoding thread only, but
/// for replace().
class ExclusionFilter {
 public:
  ExclusionFilter(const ExclusionFilterOptions& options, HealthRegion& health);

  /// From any thread: these exclusions hold from the next adopt() on.
  void replace(const std::vector<Exclusion>& exclusions);
  /// Between events.
  void adopt();

  bool excludes(const ExclusionSubject& subject) const;
  bool is_empty() const { return own_pid_ == 0 && set_->items.empty(); }
  bool has_exclusions() const { return !set_->items.empty(); }
  /// Whether any exclusion asks for `parent_exe`, which costs a look-up.
  bool needs_parent() const { return set_->needs_parent; }
  /// Whether execs may have been kept out by the kernel, so that what a process runs is unknown.
  bool hides_execs() const { return set_->hides_execs; }
  /// Counts an event of a process whose exec the kernel kept out.
  void count_hidden() const { hidden_.add(); }

 private:
  struct Item {
    Exclusion exclusion;
    Counter excluded;
    Counter kernel_rules;
    Counter left_to_us;  ///< 1 where a criterion is one that the kernel could not test alone
  };
  struct Set {
    std::vector<Item> items;
    bool needs_parent = false;
    bool hides_execs = false;
  };
  std::unique_ptr<Set> set_of(const std::vector<Exclusion>& exclusions);
  bool is_own_worker(const Caller& caller) const;

  HealthRegion& health_;
  const bool in_kernel_;
  const int32_t own_pid_;
  const std::string own_exe_;
  std::unique_ptr<Set> set_;
  std::mutex mutex_;
  std::unique_ptr<Set> next_;  ///< guarded by mutex_
  std::atomic<bool> has_next_{false};
  Counter own_workers_, hidden_;
};

}  // namespace auditql
