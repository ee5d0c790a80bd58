#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../capture/all.h"
#include "../capture/backend.h"
#include "../capture/exclusion.h"
#include "../decode/audit_decoder.h"
#include "../decode/kernel_event.h"
#include "../event_sources/event_sources.h"
#include "../health/health_region.h"
#include "../rows/enrichment_queue.h"
#include "../rows/record_tables.h"
#include "../store/event_table.h"
#include "../system/clocks.h"
#include "../system/memory_directory.h"
#include "../system/unique_fd.h"
#include "decode_loop.h"
#include "desired_rules.h"
#include "ingest.h"
#include "recorded_events.h"
#include "retention_thread.h"

namespace auditql {

struct EngineOptions {
  std::string state_directory;
  std::map<std::string, TableLimits> limits;  ///< by table; others keep the defaults
  /// Keeps tables and counters in memory, in at most so many bytes; 0: in the state directory.
  uint64_t memory_bytes = 0;
};

struct CaptureStatus {
  std::string backend;  ///< empty when none runs
  std::vector<Unavailable> unavailable;
};

struct CaptureRequest {
  std::string backend = "auto";  ///< auto, none, or the name of a backend
  CaptureOptions options;
  std::vector<Exclusion> exclusions;  ///< must be sound, see check_exclusion()
  std::vector<std::string> redact_arguments;
  EnvironmentChoice environment;
};

/// What of a running capture can be changed.
struct CaptureChange {
  ConfiguredRules rules;
  std::vector<Exclusion> exclusions;  ///< must be sound
};

/// Which files are watched, and which sources besides the capture are read.
struct EnginePublishing {
  std::vector<PathCategory> categories;
  std::vector<std::string> excludes;
  bool process_file_events = false;  ///< who touched them, from the audit stream
  PublishRequest sources;            ///< its paths are made of the categories
};

/// The data plane of one process: opens the stores, captures or replays into them.
/// All methods are called by one controlling thread; the threads it starts are its own.
class Engine {
 public:
  /// Errors: store_locked when another process uses the directory, store_open_failed,
  /// store_memory_unavailable.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  ~Engine();

  CaptureStatus start_capture(const CaptureRequest& request);
  /// Takes other rules and exclusions, without a moment in which nothing is captured. On an error
  /// those before stay.
  Status change_capture(const CaptureChange& change);
  /// What the capture that runs sees now; nothing without one.
  CaptureReport capture_report() const;
  /// Stores what is still on its way, of publishers too, then puts the host back. Idempotent.
  void stop_capture();
  /// Bytes of an audit log in any chunking. Must not run alongside a capture.
  /// Errors: capture_running.
  Status feed_log(std::string_view bytes);
  void finish_log();

  /// Beside a capture or without one. Gives what could not be started, and why.
  std::vector<SourceProblem> publish(const EnginePublishing& request);

  EventTable* table(std::string_view name);
  /// Where readers of this process find tables and counters.
  const std::string& store_directory() const { return store_directory_; }
  /// The same for child processes, to be handed on; -1: the path is theirs, too.
  int store_fd() const { return memory_ ? memory_->fd() : -1; }
  /// Questions about events that are for the caller to answer.
  EnrichmentQueue& enrichment() { return *enrichment_; }
  HealthRegion& health() { return *health_; }
  /// Keeps the counters readable after the engine has ended.
  std::shared_ptr<HealthRegion> share_health() { return health_; }

 private:
  struct Decoding {
    BackendKind backend = BackendKind::audit;
    bool has_calls = true;  ///< of the audit stream; else another backend has them
    ConnectorUse connector = ConnectorUse::none;
    ExclusionFilterOptions exclusion = {};
    std::vector<std::string> redact_arguments = {};
    EnvironmentChoice environment = {};
  };
  explicit Engine(UniqueFd lock) : lock_(std::move(lock)) {}
  Status open_store(const EngineOptions& options);
  Status open_tables(const EngineOptions& options);
  Status start_decoding(const Decoding& decoding,
                        std::unique_ptr<ProcConnectorSidecar> sidecar = nullptr);
  void drop_decoding();
  std::optional<Unavailable> run_backend(const BackendSpec& spec, const CaptureRequest& request,
                                         CaptureStatus& status);
  void start_records(const CaptureRequest& request);
  std::optional<CaptureProblem> unread_rules() const;
  std::optional<Unavailable> try_backend(const BackendSpec& spec, const CaptureRequest& request,
                                         CaptureStatus& status);
  Result<CaptureOptions> capture_options(const CaptureRequest& request);
  /// Whether the backend that runs pushes frames of that kind.
  bool captures(FrameKind kind) const { return spec_ != nullptr && spec_->frames == kind; }
  void watch_counters(const BackendSpec& spec);
  void start_loop();
  void open_record_tables(BackendKind backend);
  Status change_rules(const DesiredRules& wanted);
  Status follow_file_calls(std::shared_ptr<const WatchedPaths> paths,
                           std::vector<SourceProblem>& problems);
  void look_for_ends();
  void notice_losses(uint64_t wall_ns);
  void on_frame(const Frame& frame, uint64_t now_ns);
  void on_pause(uint64_t now_ns);
  void read_records(uint64_t now_ns);

  UniqueFd lock_;
  std::string state_directory_;
  std::optional<MemoryDirectory> memory_;
  std::string store_directory_;
  std::shared_ptr<HealthRegion> health_;
  std::map<std::string, std::unique_ptr<EventTable>, std::less<>> tables_;
  std::unique_ptr<RetentionThread> retention_;
  std::unique_ptr<EventSources> event_sources_;
  std::unique_ptr<EnrichmentQueue> enrichment_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<RecordedEvents> recorded_;  ///< null while capturing
  std::unique_ptr<FileCallRows> file_calls_;
  std::unique_ptr<RecordTables> records_;
  std::unique_ptr<EventSink> no_calls_;  ///< takes what records tell of calls, see start_decoding()
  std::unique_ptr<AuditDecoder> decoder_;
  std::unique_ptr<KernelEventDecoder> kernel_decoder_;
  WallOffset boot_offset_{CLOCK_BOOTTIME};
  std::unique_ptr<FrameQueue> queue_;
  std::unique_ptr<FrameQueue> record_queue_;  ///< of record_backend_: a queue has one producer
  std::unique_ptr<Backend> backend_;
  const BackendSpec* spec_ = nullptr;  ///< of backend_
  /// Reads the audit stream for its records, next to a backend that has the calls.
  std::unique_ptr<AuditBackend> record_backend_;
  std::optional<CaptureProblem> record_problem_;  ///< why there is none
  std::string unread_reason_;  ///< why the configuration has none; empty: it has one
  DesiredRules rules_;
  std::atomic<bool> has_exclude_rules_{false};
  std::unique_ptr<DecodeLoop> loop_;
  Counter queue_depth_, kernel_lost_;
  /// Records that were lost, of all and of those that we were sent.
  Counter audit_lost_, audit_overflows_, audit_full_;
  Counter connector_lost_, connector_full_;
  uint64_t lost_before_ = 0, any_lost_before_ = 0, connector_lost_before_ = 0;
  uint64_t last_record_ns_ = 0;  ///< CLOCK_MONOTONIC at which the last record was decoded
  uint64_t next_housekeeping_ns_ = 0;
};

}  // namespace auditql
