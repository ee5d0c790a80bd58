#pragma once

#include <unistd.h>

#include <memory>
#include <optional>

#include "../decode/event.h"
#include "../health/health_region.h"
#include "../identity/process_table.h"
#include "../rows/enrichment_queue.h"
#include "../rows/filters/argument_redaction.h"
#include "../rows/filters/event_exclusions.h"
#include "../rows/filters/exclusion_filter.h"
#include "../rows/lifetime_rows.h"
#include "../rows/process_event_rows.h"
#include "../rows/row_text.h"
#include "../rows/silent_processes.h"
#include "../store/event_table.h"
#include "connector/connector_link.h"
#include "recorded_hosts.h"

namespace auditql {

struct IngestOptions {
  EventTable* process_events = nullptr;
  EventTable* socket_events = nullptr;
  EventTable* process_lifetimes = nullptr;
  HealthRegion* health = nullptr;
  /// Who finds out more about executed files and containers; null where nobody does.
  EnrichmentQueue* enrichment = nullptr;
  /// The running host; false for recorded events, whose processes are not in this /proc.
  bool live = true;
  ConnectorUse connector = ConnectorUse::none;
  ExclusionFilterOptions exclusion = {};
  std::vector<std::string> redact_arguments;  ///< patterns of names
  EnvironmentChoice environment = {};
};

/// Takes typed events, finds out who made them, and stores them as rows. Decoding thread only.
class Ingest : public EventSink, private ProcessSink, private EndSink {
 public:
  /// `sidecar` has been started; null unless the connector is used alongside audit.
  static Result<std::unique_ptr<Ingest>> create(
      const IngestOptions& options, std::unique_ptr<ProcConnectorSidecar> sidecar = nullptr);

  /// Stores every process that runs already, parents first.
  void scan(uint64_t now_ns);
  /// A few times a second: ends of processes that no event reported, gauges.
  void housekeep(uint64_t now_ns);
  /// Between events: what was changed last holds for those that follow.
  void adopt_exclusions();
  /// Before a batch of events.
  void begin_batch() { processes_->begin_batch(); }
  /// Between batches: stores the ends of processes that no record can follow any more. `idle_ns`
  /// says for how long no record has come.
  void release_ends(uint64_t idle_ns, uint64_t now_ns);
  /// Stores what waits for more; nothing more will come.
  void finish();
  /// When nothing waits to be decoded: which processes make no records. `is_complete` is false
  /// while rules may keep some records out.
  void find_silent(uint64_t now_ns, bool is_complete);
  /// Before a batch: whose end is in it. Nothing is looked up in /proc of them any more.
  void note_ends(std::vector<ProcessKey> ended);
  /// Any thread: what find_silent() found last.
  SilentProcesses::Found silent() const;
  /// Not of recorded events.
  ConnectorLink& connector() { return *connector_; }
  /// Who had the pid at that time.
  std::optional<Identity> find_process(int32_t pid, uint64_t time_ns) {
    return processes().find(pid, time_ns);
  }
  /// Recorded events only: before anything else is asked about the event.
  void begin_recorded(const RawEvent& event) { hosts_->begin_event(event); }
  /// Wall clock at boot; 0 where the events are not of this host.
  uint64_t boot_ns() const { return options_.live ? clock_.wall_ns(0) : 0; }
  /// Records were lost just now: links that rest on completeness are not made for a while.
  void records_lost(uint64_t now_ns) {
    processes_->records_lost(now_ns);
    connector_->records_lost();
    if (silent_ != nullptr) silent_->forget();
  }
  /// From any thread; holds from the next adopt_exclusions() on.
  void replace_exclusions(const std::vector<Exclusion>& exclusions) {
    filter_->replace(exclusions);
  }
  const EventExclusions& exclusions() const { return *exclusions_; }

  void on_process(const ProcessEvent& decoded) override;
  void on_socket(const SocketEvent& decoded) override;

 private:
  explicit Ingest(const IngestOptions& options)
      : options_(options), redaction_(options.redact_arguments) {}
  void on_found(const FoundProcess& process) override;
  void on_vanished(const Identity& identity) override;
  void on_end(const ProcessEvent& event, const Identity& identity) override;
  void store(const ProcessEvent& event, const Identity& identity);
  void store_from_connector(const ProcessEvent& event, const Identity& identity);
  void store_from_programs(const ProcessEvent& event, const Identity& identity);
  void follow_hosts();
  /// Of the host that the event is of.
  ProcessTable& processes() {
    return hosts_ != nullptr ? hosts_->current()->processes() : *processes_;
  }
  LifetimeFolder& lifetimes() {
    return hosts_ != nullptr ? hosts_->current()->lifetimes() : lifetimes_->folder();
  }
  bool has_ended(const ProcessEvent& event) const;
  void settle_fork_of(const Identity& child);
  void store_forks(RecordedHost& host, std::vector<OpenFork> forks);
  static void complete(Caller& caller, const Identity& identity, std::string_view tty);
  void add_rows(const ProcessEvent& event, const Identity& identity, LifetimeFolder& lifetimes);
  void note_time(uint64_t time_ns);
  void follow_host(ProcessTableOptions& table, std::unique_ptr<ProcConnectorSidecar> sidecar);
  void note_fork(int32_t parent, uint64_t time_ns);
  void note_record(const EventHeader& header, const Identity& identity);

  IngestOptions options_;
  std::unique_ptr<ProcDirectory> procfs_;
  BootClock clock_{0, 100};
  std::unique_ptr<ProcessTable> processes_;  ///< of this host
  std::unique_ptr<RecordedHosts> hosts_;     ///< of recorded events; null otherwise
  std::optional<ConnectorLink> connector_;   ///< of this host; absent for recorded events
  std::unique_ptr<LifetimeRows> lifetimes_;
  std::unique_ptr<ExclusionFilter> filter_;
  std::unique_ptr<EventExclusions> exclusions_;
  std::unique_ptr<SilentProcesses> silent_;  ///< null unless the connector runs alongside audit
  uint64_t silent_before_ = 0, next_silent_count_ns_ = 0;
  std::unique_ptr<ProcessEventRows> process_rows_;
  ArgumentRedaction redaction_;
  std::vector<ProcessKey> ended_;  ///< sorted; their ends are in the batch at hand
  const int32_t own_pid_ = static_cast<int32_t>(::getpid());
  Row row_;
  RowText text_;
  uint64_t latest_event_ns_ = 0;
  uint64_t newest_event_ns_ = 0;
  Counter lag_, exec_checks_, execs_lost_;
};

}  // namespace auditql
