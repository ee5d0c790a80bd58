#include "engine.h"

#include <unistd.h>

#include <algorithm>

#include "../capture/file_rules.h"
#include "../store/generated/event_tables.h"
#include "../system/name_list.h"
#include "state_lock.h"

namespace auditql {
namespace {

/// Records that wait for the decoding thread: about a second at the kernel's full rate. Pages are
/// touched only when it fills.
constexpr size_t kCaptureQueueBytes = size_t{64} << 20;
constexpr size_t kRecordQueueBytes = size_t{16} << 20;
constexpr uint64_t kHousekeepingNs = 250'000'000;

/// For calls that one backend has captured and another one's rules record too.
struct NoCalls : EventSink {
  void on_process(const ProcessEvent&) override {}
  void on_socket(const SocketEvent&) override {}
};

constexpr const char* kFileCalls = "process_file_events";

Result<FileRules> rules_for(const WatchedPaths& paths) {
  std::vector<FileRuleRoot> roots;
  for (const WatchedPaths::Root& root : paths.roots()) {
    roots.push_back({root.path, root.is_file, root.with_accesses});
  }
  return file_rules(roots);
}

}  // namespace

Engine::~Engine() { stop_capture(); }

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  auto lock = lock_state_directory(options.state_directory);
  if (!lock) return lock.error();
  std::unique_ptr<Engine> engine(new Engine(lock.take()));
  if (Status opened = engine->open_store(options); !opened) return opened.error();
  if (Status opened = engine->open_tables(options); !opened) return opened.error();
  return engine;
}

Status Engine::open_store(const EngineOptions& options) {
  state_directory_ = store_directory_ = options.state_directory;
  if (options.memory_bytes > 0) {
    auto memory = MemoryDirectory::create(options.memory_bytes);
    if (!memory) return memory.error();
    memory_.emplace(memory.take());
    store_directory_ = memory_->path();
  }
  auto health = HealthRegion::create(store_directory_ + "/health");
  if (!health) return health.error();
  health_ = health.take();
  enrichment_ = std::make_unique<EnrichmentQueue>(*health_);
  return Done{};
}

Status Engine::open_tables(const EngineOptions& options) {
  for (const TableSpec* spec : kEventTables) {
    const std::string name(spec->name);
    const auto limits = options.limits.find(name);
    EventTable::Options table;
    table.directory = store_directory_;
    // Tables in memory know nothing of those before. No table takes a row each microsecond for all
    // of its life, so that the time is above every eid that was given.
    if (memory_) table.first_eid = std::max<uint64_t>(1, wall_clock_ns() / 1000);
    if (limits != options.limits.end()) table.limits = limits->second;
    auto opened = EventTable::open(*spec, table, *health_);
    if (!opened) return opened.error();
    tables_[name] = opened.take();
  }
  std::vector<EventTable*> tables;
  for (const auto& [name, table] : tables_) tables.push_back(table.get());
  retention_ = std::make_unique<RetentionThread>(std::move(tables));
  return retention_->start();
}

EventTable* Engine::table(std::string_view name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second.get();
}

Status Engine::start_decoding(const Decoding& request,
                              std::unique_ptr<ProcConnectorSidecar> sidecar) {
  IngestOptions options;
  options.process_events = table("process_events");
  options.socket_events = table("socket_events");
  options.health = health_.get();
  options.process_lifetimes = table("process_lifetimes");
  options.enrichment = enrichment_.get();
  options.live = request.backend != BackendKind::replay;
  options.connector = request.connector;
  options.exclusion = request.exclusion;
  options.redact_arguments = request.redact_arguments;
  options.environment = request.environment;
  auto ingest = Ingest::create(options, std::move(sidecar));
  if (!ingest) return ingest.error();
  ingest_ = ingest.take();
  open_record_tables(request.backend);
  AuditDecoderOptions decoding;
  decoding.backend = request.backend;
  decoding.raw_sink = records_.get();
  if (!options.live) {
    recorded_ = std::make_unique<RecordedEvents>(*ingest_, *records_);
    decoding.raw_sink = recorded_.get();
  }
  no_calls_ = std::make_unique<NoCalls>();
  EventSink& calls = request.has_calls ? static_cast<EventSink&>(*ingest_) : *no_calls_;
  decoder_ = std::make_unique<AuditDecoder>(calls, *health_, decoding);
  kernel_decoder_ = std::make_unique<KernelEventDecoder>(*ingest_, *health_);
  return Done{};
}

void Engine::open_record_tables(BackendKind backend) {
  const auto find_process = [this](int32_t pid, uint64_t time_ns) {
    return ingest_->find_process(pid, time_ns);
  };
  FileCallRowsOptions calls;
  calls.table = table("process_file_events");
  calls.health = health_.get();
  calls.backend = backend_name(backend);
  calls.boot_ns = ingest_->boot_ns();
  calls.exclusions = &ingest_->exclusions();
  calls.find_process = find_process;
  if (calls.boot_ns != 0) calls.host = LocatorHost::own();
  file_calls_ = std::make_unique<FileCallRows>(std::move(calls));
  RecordTablesOptions options;
  options.file_calls = file_calls_.get();
  options.user_events = table("user_events");
  options.seccomp_events = table("seccomp_events");
  options.selinux_events = table("selinux_events");
  options.apparmor_events = table("apparmor_events");
  options.backend = backend_name(backend);
  options.boot_ns = ingest_->boot_ns();
  options.exclusions = &ingest_->exclusions();
  options.find_process = find_process;
  records_ = std::make_unique<RecordTables>(std::move(options));
}

Status Engine::feed_log(std::string_view bytes) {
  if (loop_ != nullptr) {
    return Error{"capture_running", "cannot replay a log while capture is running", 0};
  }
  if (decoder_ == nullptr) {
    const Status started = start_decoding({BackendKind::replay});
    if (!started) return started.error();
  }
  decoder_->feed_log(bytes);
  return Done{};
}

void Engine::finish_log() {
  if (loop_ != nullptr || decoder_ == nullptr) return;
  decoder_->finish();
  ingest_->finish();
  drop_decoding();
}

void Engine::drop_decoding() {
  decoder_.reset();
  kernel_decoder_.reset();
  recorded_.reset();
  records_.reset();
  file_calls_.reset();
  ingest_.reset();
}

CaptureStatus Engine::start_capture(const CaptureRequest& request) {
  CaptureStatus status;
  if (request.backend == "none" || loop_ != nullptr) return status;
  for (const BackendSpec& spec : backends()) {
    const bool is_wanted =
        request.backend == "auto" ? spec.is_automatic : request.backend == spec.name;
    if (!is_wanted) continue;
    const auto refused = run_backend(spec, request, status);
    if (!refused) {
      status.backend = spec.name;
      return status;
    }
    status.unavailable.push_back(*refused);
  }
  return status;
}

/// Nothing when the backend runs now.
std::optional<Unavailable> Engine::run_backend(const BackendSpec& spec,
                                               const CaptureRequest& request,
                                               CaptureStatus& status) {
  auto refused = try_backend(spec, request, status);
  if (refused) return refused;
  watch_counters(spec);
  start_records(request);
  start_loop();
  return std::nullopt;
}

/// The process connector by choice is for hosts whose auditing is left alone.
void Engine::start_records(const CaptureRequest& request) {
  record_problem_.reset();
  unread_reason_.clear();
  if (captures(FrameKind::audit_record)) return;
  AuditBackendOptions options = request.options.audit;
  options.state_path = state_directory_ + "/audit.journal";
  // A run with the backend audit may have been killed; where it cannot be undone, it stays for
  // later.
  (void)restore_after_crash(options.state_path);
  const bool is_alone = captures(FrameKind::proc_event) && request.backend != "auto" &&
                        options.choice == AuditChoice::automatic;
  const bool is_off = options.choice == AuditChoice::off;
  if (is_off) unread_reason_ = "auditql.capture.audit is off";
  if (is_alone) unread_reason_ = "auditql.capture.backend is proc-connector";
  if (is_off || is_alone) return;
  options.duty = AuditDuty::records;
  auto rules = rules_.all();
  if (rules) options.rules = rules.take();
  auto records = std::make_unique<AuditBackend>(options, *health_);
  Availability availability = records->probe();
  if (availability.available) {
    record_queue_ = std::make_unique<FrameQueue>(kRecordQueueBytes, queue_.get());
    const Status started = records->start(*record_queue_);
    if (started) {
      record_backend_ = std::move(records);
      return;
    }
    availability = {false, started.error().message, "run auditql doctor"};
  }
  record_problem_ = {"no_records", "the audit stream is not read: " + availability.reason,
                     availability.remedy};
}

/// Nothing when the backend pushes frames now.
std::optional<Unavailable> Engine::try_backend(const BackendSpec& spec,
                                               const CaptureRequest& request,
                                               CaptureStatus& status) {
  const std::string name(spec.name);
  const bool is_audit = spec.frames == FrameKind::audit_record;
  const auto options = capture_options(request);
  if (!options)
    return Unavailable{name, options.error().message, "correct auditql.capture.exclude"};
  std::unique_ptr<Backend> backend = spec.make(options.value(), *health_);
  const Availability availability = backend->probe();
  if (!availability.available) return Unavailable{name, availability.reason, availability.remedy};
  Decoding decoding;
  decoding.exclusion = {request.exclusions, is_audit, static_cast<int32_t>(::getpid())};
  decoding.redact_arguments = request.redact_arguments;
  decoding.environment = request.environment;
  decoding.has_calls = is_audit;
  const bool is_connector = spec.frames == FrameKind::proc_event;
  decoding.connector = is_connector ? ConnectorUse::alone : ConnectorUse::unneeded;
  // The sidecar nudges the queue's reader, so it goes first.
  drop_decoding();
  record_queue_.reset();
  queue_ = std::make_unique<FrameQueue>(kCaptureQueueBytes);
  std::unique_ptr<ProcConnectorSidecar> sidecar;
  if (is_audit) {
    sidecar = std::make_unique<ProcConnectorSidecar>();
    const auto refused = sidecar->start(options.value(), *health_, [this] { queue_->nudge(); });
    if (refused) status.unavailable.push_back(*refused);
    if (refused) sidecar.reset();
    decoding.connector = refused ? ConnectorUse::none : ConnectorUse::alongside;
  }
  if (const Status started = start_decoding(decoding, std::move(sidecar)); !started) {
    return Unavailable{name, started.error().message, ""};
  }
  if (const Status started = backend->start(*queue_); !started) {
    drop_decoding();
    return Unavailable{name, started.error().message, "run auditql doctor"};
  }
  backend_ = std::move(backend);
  spec_ = &spec;
  return std::nullopt;
}

Result<CaptureOptions> Engine::capture_options(const CaptureRequest& request) {
  CaptureOptions options = request.options;
  options.audit.state_path = state_directory_ + "/audit.journal";
  rules_.configured = options.audit.rules;
  rules_.exclusions = request.exclusions;
  options.ebpf.exclusions = kernel_exclusions(request.exclusions);
  has_exclude_rules_ = !request.options.audit.rules.exclude.empty();
  auto rules = rules_.all();
  if (!rules) return rules.error();
  options.audit.rules = rules.take();
  return options;
}

/// From here on, what these count is new.
void Engine::watch_counters(const BackendSpec& spec) {
  const std::string backend(spec.name);
  queue_depth_ = health_->counter({"capture", backend, "queue_depth_bytes"});
  kernel_lost_ = Counter();
  if (spec.frames == FrameKind::audit_record) {
    kernel_lost_ = health_->counter({"capture", backend, "dropped", "kernel_lost"});
  }
  if (spec.frames == FrameKind::kernel_event) {
    kernel_lost_ = health_->counter({"capture", backend, "lost"});
  }
  lost_before_ = kernel_lost_.get();
  audit_lost_ = health_->counter({"capture", "audit", "dropped", "kernel_lost"});
  audit_overflows_ = health_->counter({"capture", "audit", "dropped", "enobufs"});
  audit_full_ = health_->counter({"capture", "audit", "dropped", "queue_full"});
  any_lost_before_ = audit_lost_.get() + audit_overflows_.get() + audit_full_.get();
  connector_lost_ = health_->counter({"capture", "proc-connector", "dropped", "enobufs"});
  connector_full_ = health_->counter({"capture", "proc-connector", "dropped", "queue_full"});
  connector_lost_before_ = connector_lost_.get() + connector_full_.get();
  last_record_ns_ = monotonic_ns();
}

void Engine::start_loop() {
  // Capture runs already: a process that starts during the scan is in one of the two.
  ingest_->scan(wall_clock_ns());
  loop_ = std::make_unique<DecodeLoop>(
      *queue_, DecodeLoop::Steps{[this] {
                                   ingest_->adopt_exclusions();
                                   ingest_->begin_batch();
                                   ingest_->connector().read();
                                   look_for_ends();
                                 },
                                 [this](const Frame& frame, uint64_t now) { on_frame(frame, now); },
                                 [this](uint64_t now) { on_pause(now); }});
}

/// Most processes of a storm have ended by the time at which the records of them are read.
void Engine::look_for_ends() {
  if (!captures(FrameKind::kernel_event)) return;
  std::vector<ProcessKey> ended;
  queue_->peek(DecodeLoop::kBatchFrames, [&ended](const Frame& frame) {
    if (frame.kind != FrameKind::kernel_event) return;
    if (const auto end = ended_process(frame.bytes)) ended.emplace_back(end->pid, end->start_ticks);
  });
  ingest_->note_ends(std::move(ended));
}

/// What was lost makes links and counts uncertain that rest on completeness.
void Engine::notice_losses(uint64_t wall_ns) {
  const uint64_t lost = kernel_lost_.get();
  if (lost != lost_before_) ingest_->records_lost(wall_ns);
  const uint64_t any_lost = audit_lost_.get() + audit_overflows_.get() + audit_full_.get();
  if (any_lost != any_lost_before_) file_calls_->records_lost();
  any_lost_before_ = any_lost;
  lost_before_ = lost;
  ConnectorLink& connector = ingest_->connector();
  if (!connector.is_used()) return;
  const uint64_t connector_lost = connector_lost_.get() + connector_full_.get();
  if (connector_lost != connector_lost_before_) {
    connector.messages_lost();
    if (!connector.has_sidecar()) ingest_->records_lost(wall_ns);
  }
  connector_lost_before_ = connector_lost;
}

void Engine::on_frame(const Frame& frame, uint64_t now_ns) {
  last_record_ns_ = now_ns;
  ingest_->adopt_exclusions();
  if (frame.kind == FrameKind::proc_event) return ingest_->connector().on_message(frame.bytes);
  if (frame.kind == FrameKind::kernel_event) {
    return kernel_decoder_->on_record(frame.bytes, boot_offset_.at(now_ns));
  }
  if (frame.kind == FrameKind::audit_record) decoder_->on_record(frame.type, frame.bytes, now_ns);
}

/// Behind the batch, so that the processes that records are about are known.
void Engine::read_records(uint64_t now_ns) {
  if (record_queue_ == nullptr) return;
  record_queue_->drain(SIZE_MAX, [&](const Frame& frame) { on_frame(frame, now_ns); });
}

void Engine::on_pause(uint64_t now_ns) {
  read_records(now_ns);
  ingest_->release_ends(now_ns - last_record_ns_, wall_clock_ns());
  if (now_ns < next_housekeeping_ns_) return;
  next_housekeeping_ns_ = now_ns + kHousekeepingNs;
  const uint64_t wall_ns = wall_clock_ns();
  decoder_->expire(now_ns);
  queue_depth_.set(queue_->used_bytes());
  ingest_->connector().sample();
  notice_losses(wall_ns);
  ingest_->housekeep(wall_ns);
  const bool is_complete = !has_exclude_rules_ && backend_->is_complete();
  ingest_->find_silent(wall_ns, is_complete);
}

/// Rules that the configuration asks for, and that no reader of the audit stream loads.
std::optional<CaptureProblem> Engine::unread_rules() const {
  const size_t rules = rules_.configured.extra.size() + rules_.files.size();
  if (unread_reason_.empty() || rules == 0) return std::nullopt;
  return CaptureProblem{
      "rules_not_loaded",
      std::to_string(rules) +
          " audit rules of process_file_events and auditql.capture are not loaded: " +
          unread_reason_,
      "set auditql.capture.backend and auditql.capture.audit to auto, then restart auditql"};
}

CaptureReport Engine::capture_report() const {
  if (backend_ == nullptr || ingest_ == nullptr) return {};
  CaptureReport report = backend_->report();
  if (record_problem_) report.problems.push_back(*record_problem_);
  if (auto unread = unread_rules()) report.problems.push_back(std::move(*unread));
  if (record_backend_ != nullptr) {
    const CaptureReport records = record_backend_->report();
    report.sees.files = records.sees.files;
    report.sees.records = records.sees.records;
    report.problems.insert(report.problems.end(), records.problems.begin(), records.problems.end());
  }
  const SilentProcesses::Found silent = ingest_->silent();
  if (silent.count == 0) return report;
  report.sees.processes = std::min(report.sees.processes, Sight::limited);
  report.sees.sockets = std::min(report.sees.sockets, Sight::limited);
  report.sees.files = std::min(report.sees.files, Sight::limited);
  report.problems.push_back(
      {"silent_processes",
       std::to_string(silent.count) +
           " processes produce no records of their calls: they started before auditing was first "
           "enabled: " +
           name_list(silent.names),
       "restart these services, or add audit=1 to the kernel's command line and reboot"});
  return report;
}

Status Engine::change_capture(const CaptureChange& change) {
  if (backend_ == nullptr) return Done{};
  const DesiredRules wanted{change.rules, change.exclusions, rules_.files};
  if (Status changed = change_rules(wanted); !changed) return changed;
  ingest_->replace_exclusions(change.exclusions);
  return Done{};
}

Status Engine::change_rules(const DesiredRules& wanted) {
  auto rules = wanted.all();
  if (!rules) return rules.error();
  Backend& audit = record_backend_ != nullptr ? *record_backend_ : *backend_;
  if (Status changed = audit.change_rules(rules.value()); !changed) return changed;
  backend_->change_exclusions(wanted.exclusions);
  rules_ = wanted;
  has_exclude_rules_ = !wanted.configured.exclude.empty();
  return Done{};
}

void Engine::stop_capture() {
  // The backend drains what the kernel still has into the queue; the loop then empties the queue.
  // It puts the host's auditing back: that comes before everything that may wait for a disk.
  if (record_backend_ != nullptr) record_backend_->stop();
  if (backend_ != nullptr) backend_->stop();
  event_sources_.reset();
  loop_.reset();
  if (decoder_ != nullptr && backend_ != nullptr) decoder_->finish();
  if (ingest_ != nullptr && backend_ != nullptr) {
    ingest_->connector().read();
    ingest_->finish();
  }
  record_backend_.reset();
  backend_.reset();
  spec_ = nullptr;
  drop_decoding();
  record_queue_.reset();
  queue_.reset();
  for (const auto& [name, table] : tables_) {
    const Status flushed = table->flush();
    if (!flushed) health_->counter({"store", name, "errors", "flush"}).add();
  }
}

std::vector<SourceProblem> Engine::publish(const EnginePublishing& request) {
  // Each row would change a file of the state directory again.
  std::vector<std::string> excludes = request.excludes;
  excludes.push_back(state_directory_ + "/%%");
  PublishRequest sources = request.sources;
  sources.paths = std::make_shared<const WatchedPaths>(request.categories, excludes);
  if (event_sources_ == nullptr) {
    event_sources_ = std::make_unique<EventSources>(
        [this](std::string_view name) -> EventTable& { return *table(name); }, *health_);
  }
  std::vector<SourceProblem> problems = event_sources_->publish(sources);
  const Status followed =
      follow_file_calls(request.process_file_events ? sources.paths : nullptr, problems);
  if (!followed) problems.push_back({kFileCalls, followed.error()});
  return problems;
}

/// The paths first: what a rule tells of must be known. `problems` gets what cannot be followed.
Status Engine::follow_file_calls(std::shared_ptr<const WatchedPaths> paths,
                                 std::vector<SourceProblem>& problems) {
  const bool has_audit = record_backend_ != nullptr || captures(FrameKind::audit_record);
  if (!has_audit) {
    if (paths == nullptr) return Done{};
    return Error{"capture_start_failed",
                 "process_file_events requires the audit stream: set auditql.capture.audit to auto",
                 0};
  }
  DesiredRules wanted = rules_;
  wanted.files.clear();
  if (paths != nullptr) {
    auto made = rules_for(*paths);
    if (!made) return made.error();
    for (const std::string& each : made.value().problems) {
      problems.push_back({kFileCalls, {"capture_start_failed", each, 0}});
    }
    wanted.files = std::move(made.value().rules);
  }
  file_calls_->set_paths(std::move(paths));
  const Status changed = change_rules(wanted);
  file_calls_->look_at_folders();
  return changed;
}

}  // namespace auditql
