#pragma once

#include <memory>

#include "../decode/event.h"
#include "../health/health_region.h"
#include "../identity/process_table.h"
#include "../store/event_table.h"
#include "exclusion_filter.h"
#include "row_text.h"

namespace auditql {

struct IngestOptions {
  EventTable* process_events = nullptr;
  EventTable* socket_events = nullptr;
  HealthRegion* health = nullptr;
  /// The running host; false for recorded events, whose processes are not in this /proc.
  bool live = true;
  ExclusionFilterOptions exclusion = {};
};

/// Takes typed events, finds out who made them, and stores them as rows. Decoding thread only.
class Ingest : public EventSink, private ProcessSink {
 public:
  static Result<std::unique_ptr<Ingest>> create(const IngestOptions& options);

  /// Stores every process that runs already, parents first.
  void scan(uint64_t now_ns);
  /// About once a second: expiry of rows, ends of processes that no event told, gauges.
  void housekeep(uint64_t now_ns);
  /// Who a pid is at this moment of the stream.
  std::optional<Identity> find_process(int32_t pid) { return processes_->find(pid); }
  /// Wall clock at boot; 0 where the events are not of this host.
  uint64_t boot_ns() const { return options_.live ? clock_.wall_ns(0) : 0; }
  /// Records were lost just now: links that rest on completeness are not made for a while.
  void records_lost(uint64_t now_ns) { processes_->records_lost(now_ns); }

  void on_process(const ProcessEvent& event) override;
  void on_socket(const SocketEvent& event) override;

 private:
  explicit Ingest(const IngestOptions& options) : options_(options) {}
  void on_found(const FoundProcess& process) override;
  void on_vanished(const Identity& identity) override;
  void set_identity(const Identity& identity);
  void set_forked_child(const ForkedChild& child);
  void set_file_times(const ProcessEvent& event);
  void set_uptime(uint64_t time_ns);
  void note_lag(uint64_t time_ns);
  bool is_excluded(const Caller& caller, std::string_view syscall, const Identity& identity);

  IngestOptions options_;
  std::unique_ptr<ProcDirectory> procfs_;
  BootClock clock_{0, 100};
  std::unique_ptr<ProcessTable> processes_;
  std::unique_ptr<ExclusionFilter> filter_;
  Row row_;
  RowText text_;
  uint64_t latest_event_ns_ = 0;
  Counter lag_;
};

}  // namespace auditql
