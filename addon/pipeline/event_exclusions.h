#pragma once

#include <span>
#include <string_view>

#include "../decode/event.h"
#include "../identity/process_table.h"
#include "exclusion_filter.h"

namespace auditql {

/// Tells the exclusion filter what it asks of each kind of event. To be asked after identity has
/// learned from the event: who a process is must not depend on what is kept.
class EventExclusions {
 public:
  EventExclusions(const ExclusionFilter& filter, ProcessTable& processes)
      : filter_(filter), processes_(processes) {}

  bool excludes(const ProcessEvent& event, const Identity& identity) const;
  bool excludes(const SocketEvent& event, const Identity& identity) const;
  /// A record that is no event of a process. What `caller` does not say of itself is taken from the
  /// process table.
  bool excludes(const Caller& caller, std::string_view syscall) const;

 private:
  bool test(const Caller& caller, std::span<const std::string_view> syscalls,
            const Identity& identity) const;

  const ExclusionFilter& filter_;
  ProcessTable& processes_;
};

}  // namespace auditql
