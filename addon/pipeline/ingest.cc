#include "ingest.h"

#include <algorithm>

#include "../identity/terminal_name.h"
#include "../rows/row_identity.h"
#include "../rows/socket_row.h"
#include "../rows/split_arguments.h"
#include "decode_loop.h"

namespace auditql {

Result<std::unique_ptr<Ingest>> Ingest::create(const IngestOptions& options,
                                               std::unique_ptr<ProcConnectorSidecar> sidecar) {
  std::unique_ptr<Ingest> ingest(new Ingest(options));
  ProcessTableOptions table;
  table.sink = ingest.get();
  table.health = options.health;
  if (options.live) {
    auto procfs = ProcDirectory::open();
    if (!procfs) return procfs.error();
    ingest->procfs_ = procfs.take();
    ingest->clock_ = BootClock::measure();
    table.boot_id = ingest->procfs_->boot_id();
    table.clock = ingest->clock_;
    table.procfs = ingest->procfs_.get();
  }
  ingest->filter_ = std::make_unique<ExclusionFilter>(options.exclusion, *options.health);
  if (options.live) {
    ingest->follow_host(table, std::move(sidecar));
  } else {
    ingest->follow_hosts();
  }
  ingest->exclusions_ =
      std::make_unique<EventExclusions>(*ingest->filter_, ingest->processes_.get());
  ingest->process_rows_ = std::make_unique<ProcessEventRows>(
      ProcessEventRows::Options{options.process_events, options.health, options.enrichment,
                                ingest->procfs_.get(), ingest->boot_ns(), options.environment});
  ingest->lag_ = options.health->counter({"decode", "events", "lag_ms"});
  ingest->exec_checks_ = options.health->counter({"identity", "processes", "exec_checks"});
  ingest->execs_lost_ = options.health->counter({"decode", "audit", "partial", "lost"});
  return ingest;
}

void Ingest::follow_host(ProcessTableOptions& table,
                         std::unique_ptr<ProcConnectorSidecar> sidecar) {
  ConnectorLink::Options link;
  link.use = options_.connector;
  link.procfs = procfs_.get();
  link.health = options_.health;
  link.events = this;
  link.ends = this;
  link.forked = [this](int32_t parent, uint64_t time_ns) { note_fork(parent, time_ns); };
  link.needs_programs = [this] { return filter_->hides_execs(); };
  connector_.emplace(std::move(link), std::move(sidecar));
  if (connector_->is_used()) table.forks = &*connector_;
  table.ends_are_reported = connector_->is_used();
  if (options_.connector == ConnectorUse::alongside) {
    silent_ = std::make_unique<SilentProcesses>(*options_.health);
  }
  processes_ = std::make_unique<ProcessTable>(table);
  connector_->attach(*processes_);
  lifetimes_ = std::make_unique<LifetimeRows>(
      LifetimeRows::Options{options_.process_lifetimes, options_.health, boot_ns()});
}

void Ingest::follow_hosts() {
  RecordedHosts::Options hosts;
  hosts.process_lifetimes = options_.process_lifetimes;
  hosts.health = options_.health;
  hosts.on_gone = [this](RecordedHost& host) { store_forks(host, host.take_forks()); };
  hosts_ = std::make_unique<RecordedHosts>(std::move(hosts));
}

void Ingest::scan(uint64_t now_ns) { processes_->scan(now_ns); }

void Ingest::note_ends(std::vector<ProcessKey> ended) {
  ended_ = std::move(ended);
  std::sort(ended_.begin(), ended_.end());
}

bool Ingest::has_ended(const ProcessEvent& event) const {
  if (event.start_time_ticks == 0 || event.caller.pid <= 0) return false;
  return std::binary_search(ended_.begin(), ended_.end(),
                            ProcessKey(event.caller.pid, event.start_time_ticks));
}

void Ingest::adopt_exclusions() { filter_->adopt(); }

void Ingest::housekeep(uint64_t now_ns) {
  processes_->collect(now_ns);
  // Nothing waits once the stream has been silent for a pause.
  if (latest_event_ns_ != 0 && now_ns > latest_event_ns_ + 2'000'000'000) lag_.set(0);
  lifetimes_->store(now_ns);
}

void Ingest::note_fork(int32_t parent, uint64_t time_ns) {
  constexpr int32_t kKernelThreads = 2;
  if (parent == own_pid_ || parent == kKernelThreads || filter_->has_exclusions()) return;
  const std::optional<Identity> forker = processes_->find(parent, time_ns);
  if (!forker || forker->estimated || forker->parent_pid == kKernelThreads) return;
  silent_->forked(forker->start_ticks, wall_clock_ns());
}

void Ingest::note_record(const EventHeader& header, const Identity& identity) {
  const bool is_record = silent_ != nullptr && header.backend == BackendKind::audit;
  if (is_record && identity.known() && !identity.estimated) silent_->recorded(identity.start_ticks);
}

void Ingest::find_silent(uint64_t now_ns, bool is_complete) {
  constexpr uint64_t kCountedEveryNs = 10'000'000'000;
  constexpr size_t kMostNames = 20;
  if (silent_ == nullptr) return;
  if (!is_complete) silent_->forget();
  const uint64_t before = silent_->settle(now_ns);
  if (before == silent_before_ && now_ns < next_silent_count_ns_) return;
  silent_before_ = before;
  next_silent_count_ns_ = now_ns + kCountedEveryNs;
  StartedBefore found =
      before == 0 ? StartedBefore() : processes_->started_before(before, kMostNames);
  silent_->store({found.count, std::move(found.names)});
}

SilentProcesses::Found Ingest::silent() const {
  return silent_ == nullptr ? SilentProcesses::Found() : silent_->found();
}

void Ingest::release_ends(uint64_t idle_ns, uint64_t now_ns) {
  connector_->ends().release({newest_event_ns_, idle_ns}, now_ns);
}

void Ingest::finish() {
  if (hosts_ != nullptr) return hosts_->finish();
  connector_->ends().finish();
  lifetimes_->finish();
}

void Ingest::note_time(uint64_t time_ns) {
  latest_event_ns_ = time_ns;
  newest_event_ns_ = std::max(newest_event_ns_, time_ns);
  if (!options_.live) return;
  const uint64_t now_ns = wall_clock_ns();
  lag_.set(now_ns > time_ns ? (now_ns - time_ns) / 1'000'000 : 0);
}

void Ingest::on_process(const ProcessEvent& decoded) {
  ProcessEvent event = decoded;
  event.may_be_check =
      decoded.may_be_check && !(connector_ && connector_->is_ahead(decoded.caller.pid));
  const bool executed = event.action == ProcessAction::exec && event.outcome.success;
  // Identity and the columns of an exec look at the same files.
  const HeldProcess process(executed ? procfs_.get() : nullptr, event.caller.pid,
                            has_ended(event) ? HeldState::ended : HeldState::unknown);
  const Identity identity = processes().resolve(event);
  note_record(event.header, identity);
  note_time(event.header.time_ns);
  if (identity.child.kind == ChildKind::thread) return;
  if (identity.is_check) return exec_checks_.add();
  if (decoded.may_be_check) execs_lost_.add();
  if (hosts_ != nullptr) settle_fork_of(identity);
  if (hosts_ != nullptr && identity.child.kind == ChildKind::unknown) {
    RecordedHost& host = *hosts_->current();
    return store_forks(host, host.await_child(event, identity));
  }
  if (executed && connector_) connector_->exec_recorded(event.caller.pid);
  const bool reports_ends = connector_ && connector_->is_used();
  if (event.action == ProcessAction::exit && reports_ends && identity.known()) {
    return connector_->ends().on_exit_group(event, identity);
  }
  if (event.header.backend == BackendKind::proc_connector) {
    return store_from_connector(event, identity);
  }
  if (event.header.backend == BackendKind::ebpf) return store_from_programs(event, identity);
  store(event, identity);
}

/// A sign of a process whose fork could not tell it from a thread.
void Ingest::settle_fork_of(const Identity& child) {
  RecordedHost& host = *hosts_->current();
  store_forks(host, host.take_fork_of(child));
}

void Ingest::store_forks(RecordedHost& host, std::vector<OpenFork> forks) {
  for (const OpenFork& open : forks) {
    add_rows(open.fork.event, open.caller.identity, host.lifetimes());
  }
}

/// The connector tells numbers only; what fork(2) hands down is known of the parent.
void Ingest::store_from_connector(const ProcessEvent& event, const Identity& identity) {
  ProcessEvent whole = event;
  const std::string tty = terminal_name(identity.tty);
  Caller& caller = whole.caller;
  if (!caller.credentials.known) caller.credentials = identity.credentials;
  if (caller.comm.empty()) caller.comm = identity.comm;
  if (caller.tty.empty()) caller.tty = tty;
  if (caller.parent == 0) caller.parent = identity.parent_pid;
  if (event.action == ProcessAction::fork) {
    caller.exe = identity.exe;
    whole.cwd = identity.cwd;
  }
  store(whole, identity);
}

/// The programs tell the file of an exec only; otherwise the process runs what it ran before.
void Ingest::store_from_programs(const ProcessEvent& event, const Identity& identity) {
  ProcessEvent whole = event;
  if (whole.caller.exe.empty()) whole.caller.exe = identity.exe;
  if (whole.cwd.empty()) whole.cwd = identity.cwd;
  store(whole, identity);
}

void Ingest::on_end(const ProcessEvent& event, const Identity& identity) {
  const auto hidden = connector_->hidden_exec(identity.pid);
  const bool is_reported = event.header.backend == BackendKind::proc_connector;
  if (!hidden || !is_reported) return store(event, identity);
  if (!hidden->program && hidden->is_only && filter_->hides_execs()) return filter_->count_hidden();
  ProcessEvent whole = event;
  hidden->describe(whole.caller);
  store(whole, identity);
}

void Ingest::store(const ProcessEvent& event, const Identity& identity) {
  if (exclusions_->excludes(event, identity)) return;
  add_rows(event, identity, lifetimes());
  if (hosts_ != nullptr) hosts_->current()->fold(event.header.time_ns);
}

void Ingest::add_rows(const ProcessEvent& event, const Identity& identity,
                      LifetimeFolder& lifetimes) {
  ProcessEvent kept = event;
  kept.argv = redaction_.redact(event.argv);
  process_rows_->store({event, identity, kept.argv});
  lifetimes.add(kept, identity);
}

/// What the record does not have is known of the process, or of nobody.
void Ingest::complete(Caller& caller, const Identity& identity, std::string_view tty) {
  if (!identity.known()) return;
  caller.exe = identity.exe;
  caller.comm = identity.comm;
  caller.tty = tty;
  if (!identity.credentials.known) return;
  caller.credentials.auid = identity.credentials.auid;
  caller.credentials.session = identity.credentials.session;
  caller.has_login = true;
}

void Ingest::on_socket(const SocketEvent& decoded) {
  const Identity identity = processes().resolve(decoded);
  SocketEvent event = decoded;
  const std::string tty = decoded.caller.has_login ? "" : terminal_name(identity.tty);
  if (!decoded.caller.has_login) complete(event.caller, identity, tty);
  if (event.caller.exe.empty()) event.caller.exe = identity.exe;
  note_record(event.header, identity);
  note_time(event.header.time_ns);
  if (hosts_ != nullptr) settle_fork_of(identity);
  if (exclusions_->excludes(event, identity)) return;
  row_.clear();
  text_.clear();
  fill_socket_row(event, row_, text_);
  set_uuid(row_, SocketEventsColumn::process_uuid, identity.process);
  set_uuid(row_, SocketEventsColumn::parent_uuid, identity.parent);
  if (!identity.container.empty()) row_.set(SocketEventsColumn::container_id, identity.container);
  set_uptime(row_, SocketEventsColumn::uptime, {boot_ns(), event.header.time_ns});
  options_.socket_events->append(row_);
}

void Ingest::on_found(const FoundProcess& process) {
  ProcessEvent event;
  event.action = ProcessAction::existing;
  event.header.time_ns = wall_clock_ns();
  event.caller.pid = process.stat.pid;
  event.caller.parent = process.stat.ppid;
  event.caller.comm = process.stat.comm;
  event.caller.exe = process.details.exe;
  event.cwd = process.details.cwd;
  event.caller.credentials = process.identity.credentials;
  if (exclusions_->excludes(event, process.identity)) return;
  const std::vector<std::string_view> arguments = split_arguments(process.details.cmdline);
  event.argv = arguments;
  const std::string tty = terminal_name(process.identity.tty);
  event.caller.tty = tty;
  const auto shown = redaction_.redact(arguments);
  process_rows_->store_found({event, process.identity, shown}, process);
  lifetimes().add_existing(process.identity, event.header.time_ns, shown);
}

void Ingest::on_vanished(const Identity& identity) {
  // Programs in the kernel report every end but those of processes that they leave out.
  if (options_.connector == ConnectorUse::unneeded && filter_->has_exclusions()) return;
  connector_->ends().vanished(identity, wall_clock_ns());
}

}  // namespace auditql
