#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "../../health/health_region.h"
#include "../../identity/process_table.h"
#include "../../identity/procfs.h"
#include "exec_tracker.h"
#include "exit_correlator.h"
#include "proc_connector_sidecar.h"
#include "proc_event_handler.h"

namespace auditql {

/// What the kernel's process connector is used for.
enum class ConnectorUse : uint8_t {
  none,
  alongside,  ///< reports ends of processes and which tasks are threads; audit records the rest
  alone,      ///< the only source
  unneeded,   ///< the backend reports every end itself, and which tasks are threads
};

/// What the process connector reports about the processes of this host, joined with what audit
/// records of them. Decoding thread only.
class ConnectorLink : public ForkHintSource {
 public:
  struct Options {
    ConnectorUse use = ConnectorUse::none;
    ProcFs* procfs = nullptr;
    HealthRegion* health = nullptr;
    EventSink* events = nullptr;  ///< gets forks and execs that no other backend records
    EndSink* ends = nullptr;
    /// Alongside audit: called for each process that forks.
    std::function<void(int32_t parent, uint64_t time_ns)> forked = {};
    /// Alongside audit: whether it matters what a process runs whose exec audit does not record.
    std::function<bool()> needs_programs = {};
  };
  /// `sidecar` has been started; null unless the connector is used alongside audit.
  ConnectorLink(Options options, std::unique_ptr<ProcConnectorSidecar> sidecar)
      : options_(std::move(options)), sidecar_(std::move(sidecar)) {}
  ConnectorLink(const ConnectorLink&) = delete;
  ConnectorLink& operator=(const ConnectorLink&) = delete;

  /// Once, before the first message. The table has this link as its `forks`.
  void attach(ProcessTable& processes);

  bool is_used() const {
    return options_.use == ConnectorUse::alongside || options_.use == ConnectorUse::alone;
  }
  bool has_sidecar() const { return sidecar_ != nullptr; }
  /// Reads everything that the sidecar holds at this moment.
  void read();
  /// A `struct proc_event` that a backend brought.
  void on_message(std::string_view bytes) { handler_->on_message(bytes); }
  /// Messages of the connector were lost.
  void messages_lost();
  /// Records of audit were lost.
  void records_lost();
  /// Updates the gauge of what waits in the sidecar.
  void sample() const;
  std::optional<ForkHint> hint_of(const ForkCall& call) override;

  /// Whether the connector has reported more execs of the process than were recorded. The kernel
  /// reports an exec before the call returns, and a check not at all.
  bool is_ahead(int32_t pid);
  /// A record of a successful exec came.
  void exec_recorded(int32_t pid);
  /// The process has ended: its exec that was not recorded, where it had one.
  std::optional<HiddenExec> hidden_exec(int32_t pid);
  ExitCorrelator& ends() { return *ends_; }

 private:
  const Options options_;
  std::unique_ptr<ProcConnectorSidecar> sidecar_;
  std::optional<ExecTracker> execs_;  ///< alongside audit only
  std::optional<ExitCorrelator> ends_;
  std::optional<ProcEventHandler> handler_;  ///< absent where the connector is not used
};

}  // namespace auditql
