#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "../decode/event.h"
#include "../health/health_region.h"
#include "../identity/process_table.h"
#include "../identity/procfs.h"
#include "../store/event_table.h"
#include "enrichment_queue.h"
#include "exec_columns.h"
#include "row_text.h"
#include "unknown_facts.h"

namespace auditql {

/// An event about a known or unknown process, with the arguments as they are to be shown.
struct ResolvedEvent {
  const ProcessEvent& event;
  const Identity& identity;
  std::span<const std::string_view> shown_arguments;
};

/// Fills process_events: what the event tells, who the process is, what /proc still has of it, and
/// which file it runs, about which it asks where nothing is known yet. Decoding thread only.
class ProcessEventRows {
 public:
  struct Options {
    EventTable* table = nullptr;
    HealthRegion* health = nullptr;
    /// Who finds out more about executed files and containers; null where nobody does.
    EnrichmentQueue* enrichment = nullptr;
    ProcDirectory* procfs = nullptr;  ///< null where the events are not of this host
    uint64_t boot_ns = 0;             ///< wall clock at boot; 0: not of this host
    EnvironmentChoice environment = {};
  };
  explicit ProcessEventRows(const Options& options);

  void store(const ResolvedEvent& resolved);
  /// A process that was found in /proc.
  void store_found(const ResolvedEvent& resolved, const FoundProcess& process);

 private:
  void begin(const ResolvedEvent& resolved);
  void append();
  void set_identity(const Identity& identity);
  void set_forked_child(const ForkedChild& child);
  void set_executed_file(const Execution& execution);
  void ask_about_container(const Identity& identity, uint64_t time_ns);

  const Options options_;
  std::unique_ptr<ExecColumns> exec_columns_;  ///< null where the events are not of this host
  Row row_;
  RowText text_;
  UuidBytes executable_id_{};  ///< what the row views
  MountDevices mounts_;
  UnknownFacts unknown_;
  std::array<Counter, 4> not_found_;  ///< by NotFound
};

}  // namespace auditql
