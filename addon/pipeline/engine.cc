#include "engine.h"

#include <unistd.h>

#include <algorithm>

#include "../store/generated/event_tables.h"
#include "state_lock.h"

namespace auditql {

namespace {

/// Records that wait for the decoding thread: about a second at the kernel's full rate. Pages are
/// touched only when it fills.
constexpr size_t kQueueBytes = size_t{64} << 20;
constexpr uint64_t kHousekeepingNs = 250'000'000;

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
  keeper_ = std::make_unique<TableKeeper>(std::move(tables));
  return keeper_->start();
}

EventTable* Engine::table(std::string_view name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second.get();
}

Status Engine::start_decoding(const Decoding& request) {
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
  auto ingest = Ingest::create(options);
  if (!ingest) return ingest.error();
  ingest_ = ingest.take();
  open_record_tables(request.backend);
  AuditDecoderOptions decoding;
  decoding.backend = request.backend;
  decoding.raw_sink = records_.get();
  decoder_ = std::make_unique<AuditDecoder>(*ingest_, *health_, decoding);
  return Done{};
}

void Engine::open_record_tables(BackendKind backend) {
  FileCallRowsOptions calls;
  calls.table = table("process_file_events");
  calls.health = health_.get();
  calls.backend = backend_name(backend);
  calls.boot_ns = ingest_->boot_ns();
  calls.exclusions = &ingest_->exclusions();
  calls.find_process = [this](int32_t pid, uint64_t time_ns) {
    return ingest_->find_process(pid, time_ns);
  };
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
  options.find_process = [this](int32_t pid, uint64_t time_ns) {
    return ingest_->find_process(pid, time_ns);
  };
  records_ = std::make_unique<RecordTables>(std::move(options));
}

CaptureStatus Engine::start_capture(const CaptureRequest& request) {
  CaptureStatus status;
  if (request.backend == "none" || loop_ != nullptr) return status;
  for (const BackendSpec& spec : backends()) {
    if (request.backend != "auto" && request.backend != spec.name) continue;
    const auto refused = try_backend(spec, request, status);
    if (!refused) {
      status.backend = spec.name;
      return status;
    }
    status.unavailable.push_back(*refused);
  }
  return status;
}

/// Nothing when the backend runs now.
std::optional<Unavailable> Engine::try_backend(const BackendSpec& spec,
                                               const CaptureRequest& request,
                                               CaptureStatus& status) {
  const std::string name(spec.name);
  CaptureOptions options = request.options;
  options.audit.state_path = state_directory_ + "/audit.journal";
  rules_.configured = options.audit.rules;
  rules_.exclusions = request.exclusions;
  auto rules = rules_.all();
  if (!rules) return Unavailable{name, rules.error().message, "correct capture.exclude"};
  options.audit.rules = rules.take();
  std::unique_ptr<Backend> backend = spec.make(options, *health_);
  const Availability availability = backend->probe();
  if (!availability.available) return Unavailable{name, availability.reason, availability.remedy};
  const bool is_audit = name == "audit";
  Decoding request_decoding;
  request_decoding.exclusion = {request.exclusions, is_audit, static_cast<int32_t>(::getpid())};
  request_decoding.redact_arguments = request.redact_arguments;
  request_decoding.environment = request.environment;
  request_decoding.connector = ConnectorUse::alone;
  companion_ = std::make_unique<Companion>();
  if (is_audit) {
    const auto refused = companion_->start(options, *health_);
    if (refused) status.unavailable.push_back(*refused);
    request_decoding.connector = refused ? ConnectorUse::none : ConnectorUse::beside;
  }
  const Status decoding = start_decoding(request_decoding);
  if (!decoding) return Unavailable{name, decoding.error().message, ""};
  queue_ = std::make_unique<FrameQueue>(kQueueBytes);
  const Status started = backend->start(*queue_);
  if (!started) {
    companion_.reset();
    return Unavailable{name, started.error().message, "run auditql doctor"};
  }
  backend_ = std::move(backend);
  queue_depth_ = health_->counter({"capture", name, "queue_depth_bytes"});
  kernel_lost_ = Counter();
  if (is_audit) kernel_lost_ = health_->counter({"capture", name, "dropped", "kernel_lost"});
  lost_before_ = kernel_lost_.get();
  connector_lost_ = health_->counter({"capture", "proc-connector", "dropped", "enobufs"});
  connector_full_ = health_->counter({"capture", "proc-connector", "dropped", "queue_full"});
  connector_lost_before_ = connector_lost_.get() + connector_full_.get();
  last_record_ns_ = monotonic_ns();
  if (companion_->is_started()) ingest_->tasks()->set_pull([this] { read_companion(); });
  // Capture runs already: a process that starts during the scan is in one of the two.
  ingest_->scan(wall_clock_ns());
  loop_ = std::make_unique<DecodeLoop>(
      *queue_, DecodeLoop::Steps{[this] { read_companion(); },
                                 [this](const Frame& frame, uint64_t now) { on_frame(frame, now); },
                                 [this](uint64_t now) { on_pause(now); }});
  return std::nullopt;
}

void Engine::read_companion() {
  TaskWatch* const tasks = ingest_->tasks();
  companion_->read([&](std::string_view bytes) { tasks->on_message(bytes); });
}

/// What was lost makes links and counts uncertain that rest on completeness.
void Engine::notice_losses(uint64_t wall_ns) {
  const uint64_t lost = kernel_lost_.get();
  if (lost != lost_before_) ingest_->records_lost(wall_ns);
  lost_before_ = lost;
  if (ingest_->tasks() == nullptr) return;
  const uint64_t connector_lost = connector_lost_.get() + connector_full_.get();
  if (connector_lost != connector_lost_before_) {
    ingest_->tasks()->messages_lost();
    if (!companion_->is_started()) ingest_->records_lost(wall_ns);
  }
  connector_lost_before_ = connector_lost;
}

void Engine::on_frame(const Frame& frame, uint64_t now_ns) {
  last_record_ns_ = now_ns;
  if (frame.kind == FrameKind::proc_event) return ingest_->tasks()->on_message(frame.bytes);
  if (frame.kind == FrameKind::audit_record) decoder_->on_record(frame.type, frame.bytes, now_ns);
}

void Engine::on_pause(uint64_t now_ns) {
  ingest_->release_ends(now_ns - last_record_ns_, wall_clock_ns());
  if (now_ns < next_housekeeping_ns_) return;
  next_housekeeping_ns_ = now_ns + kHousekeepingNs;
  const uint64_t wall_ns = wall_clock_ns();
  decoder_->expire(now_ns);
  queue_depth_.set(queue_->used_bytes());
  companion_->sample();
  notice_losses(wall_ns);
  ingest_->housekeep(wall_ns);
}

Status Engine::change_capture(const CaptureChange& change) {
  if (backend_ == nullptr) return Done{};
  const WantedRules wanted{change.rules, change.exclusions, rules_.files};
  if (Status changed = change_rules(wanted); !changed) return changed;
  ingest_->replace_exclusions(change.exclusions);
  return Done{};
}

Status Engine::change_rules(const WantedRules& wanted) {
  auto rules = wanted.all();
  if (!rules) return rules.error();
  if (Status changed = backend_->change_rules(rules.value()); !changed) return changed;
  rules_ = wanted;
  return Done{};
}

void Engine::stop_capture() {
  publishers_.reset();
  // The backend drains what the kernel still has into the queue; the loop then empties the queue.
  if (backend_ != nullptr) backend_->stop();
  loop_.reset();
  if (decoder_ != nullptr && backend_ != nullptr) decoder_->finish();
  if (ingest_ != nullptr && backend_ != nullptr) {
    read_companion();
    ingest_->finish();
  }
  if (companion_ != nullptr) companion_->stop();
  backend_.reset();
  decoder_.reset();
  records_.reset();
  file_calls_.reset();
  ingest_.reset();
  queue_.reset();
  companion_.reset();
  for (const auto& [name, table] : tables_) {
    const Status flushed = table->flush();
    if (!flushed) health_->counter({"store", name, "errors", "flush"}).add();
  }
}

Status Engine::feed_log(std::string_view bytes) {
  if (loop_ != nullptr) {
    return Error{"capture_running", "recorded events cannot be replayed beside a live capture", 0};
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
  decoder_.reset();
  records_.reset();
  file_calls_.reset();
  ingest_.reset();
}

}  // namespace auditql
