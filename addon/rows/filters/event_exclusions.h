#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "../../decode/event.h"
#include "../../identity/process_table.h"
#include "exclusion_filter.h"

namespace auditql {

/// A record that is no event of a process.
struct LooseCall {
  const Caller& caller;
  std::string_view syscall;
  uint64_t time_ns;
};

/// Tells the exclusion filter what it asks of each kind of event. To be asked after identity has
/// learned from the event: who a process is must not depend on what is kept.
class EventExclusions {
 public:
  /// `processes` may be null: then nobody is looked up.
  EventExclusions(const ExclusionFilter& filter, ProcessTable* processes)
      : filter_(filter), processes_(processes) {}

  bool excludes(const ProcessEvent& event, const Identity& identity) const;
  bool excludes(const SocketEvent& event, const Identity& identity) const;
  /// What the caller does not say of itself is taken from the process table.
  bool excludes(const LooseCall& call) const;

 private:
  struct Call {
    const Caller& caller;
    std::span<const std::string_view> syscalls;
    uint64_t time_ns;
  };
  bool test(const Call& call, const Identity& identity) const;
  std::optional<Identity> find(int32_t pid, uint64_t time_ns) const;

  const ExclusionFilter& filter_;
  ProcessTable* processes_;
};

}  // namespace auditql
