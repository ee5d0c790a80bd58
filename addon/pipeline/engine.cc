#include "engine.h"

#include <algorithm>

#include "../store/generated/event_tables.h"
#include "state_lock.h"

namespace auditql {

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
  if (!options.live) {
    recorded_ = std::make_unique<RecordedEvents>(*ingest_, *records_);
    decoding.raw_sink = recorded_.get();
  }
  decoder_ = std::make_unique<AuditDecoder>(*ingest_, *health_, decoding);
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
  recorded_.reset();
  records_.reset();
  file_calls_.reset();
  ingest_.reset();
}

}  // namespace auditql
