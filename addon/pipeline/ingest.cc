#include "ingest.h"

#include <unistd.h>

#include <algorithm>

#include "../identity/terminal_name.h"
#include "decode_loop.h"
#include "executed_file.h"
#include "process_row.h"
#include "socket_row.h"
#include "split_arguments.h"

namespace auditql {

namespace {

using P = ProcessEventsColumn;
using S = SocketEventsColumn;

template <typename Column>
void set_uuid(Row& row, Column column, const Uuid& uuid) {
  if (uuid.known()) row.set(column, uuid.bytes);
}

}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::create(const IngestOptions& options) {
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
    ingest->exec_columns_ = std::make_unique<ExecColumns>(
        ExecFactsReader::Options{options.environment, options.health});
  }
  ingest->filter_ = std::make_unique<ExclusionFilter>(options.exclusion, *options.health);
  ingest->follow_tasks(table);
  ingest->processes_ = std::make_unique<ProcessTable>(table);
  ingest->exclusions_ = std::make_unique<EventExclusions>(*ingest->filter_, *ingest->processes_);
  ingest->follow_ends();
  ingest->executables_gone_ =
      options.health->counter({"enrich", "executables", "skipped", "gone_at_once"});
  ingest->lag_ = options.health->counter({"decode", "events", "lag_ms"});
  return ingest;
}

void Ingest::follow_tasks(ProcessTableOptions& table) {
  if (options_.connector == ConnectorUse::none) return;
  TaskWatch::Options watch;
  watch.procfs = procfs_.get();
  watch.health = options_.health;
  if (options_.connector == ConnectorUse::alone) watch.events = this;
  if (options_.connector == ConnectorUse::beside) {
    execs_ = std::make_unique<ExecNotes>(*options_.health);
    watch.execs = execs_.get();
    watch.wants_programs = [this] { return filter_->hides_execs(); };
  }
  tasks_ = std::make_unique<TaskWatch>(watch);
  table.forks = tasks_.get();
  table.ends_are_told = true;
}

void Ingest::follow_ends() {
  ProcessEnds::Options ends;
  ends.processes = processes_.get();
  ends.sink = this;
  ends.health = options_.health;
  ends.are_told = tasks_ != nullptr;
  ends.await_records = options_.connector == ConnectorUse::beside;
  ends_ = std::make_unique<ProcessEnds>(ends);
  if (tasks_ != nullptr) tasks_->set_ends(ends_.get(), processes_.get());
  lifetimes_ = std::make_unique<LifetimeRows>(
      LifetimeRows::Options{options_.process_lifetimes, options_.health, boot_ns()});
}

void Ingest::scan(uint64_t now_ns) { processes_->scan(now_ns); }

void Ingest::housekeep(uint64_t now_ns) {
  filter_->adopt();
  if (options_.live) {
    processes_->collect(now_ns);
    // Nothing waits once the stream has been silent for a pause.
    if (latest_event_ns_ != 0 && now_ns > latest_event_ns_ + 2'000'000'000) lag_.set(0);
  }
  if (options_.live) lifetimes_->store(now_ns);
}

void Ingest::release_ends(uint64_t idle_ns, uint64_t now_ns) {
  ends_->release({newest_event_ns_, idle_ns}, now_ns);
}

void Ingest::finish() {
  ends_->finish();
  lifetimes_->finish();
}

/// Recorded events have no clock but their own.
void Ingest::fold_lifetimes(uint64_t time_ns) {
  if (options_.live || time_ns < next_fold_ns_) return;
  next_fold_ns_ = time_ns + 1'000'000'000;
  lifetimes_->store(time_ns);
}

void Ingest::set_identity(const Identity& identity) {
  set_uuid(row_, P::process_uuid, identity.process);
  set_uuid(row_, P::parent_uuid, identity.parent);
  set_uuid(row_, P::session_leader_uuid, identity.session_leader);
  set_uuid(row_, P::entry_leader_uuid, identity.entry_leader);
  if (identity.start_time_ns != 0) row_.set(P::start_time, identity.start_time_ns);
  if (!identity.container.empty()) row_.set(P::container_id, identity.container);
}

/// The row of a fork is about the child.
void Ingest::set_forked_child(const ForkedChild& child) {
  if (child.kind == ChildKind::unknown) {
    // The number is the child's in the caller's pid namespace, and it may have been a thread.
    row_.set(P::partial, uint64_t{1});
    return;
  }
  row_.set_signed(P::pid, child.pid);
  set_uuid(row_, P::process_uuid, child.process);
  set_uuid(row_, P::parent_uuid, child.parent);
  set_uuid(row_, P::session_leader_uuid, child.session_leader);
  set_uuid(row_, P::entry_leader_uuid, child.entry_leader);
  if (child.start_time_ns != 0) row_.set(P::start_time, child.start_time_ns);
}

void Ingest::set_executed_file(const Execution& execution) {
  const auto file = find_executed_file(execution);
  if (!file) return executables_gone_.add();
  const auto seconds = [](const statx_timestamp& time) {
    return static_cast<uint64_t>(time.tv_sec);
  };
  row_.set(P::atime, seconds(file->status.stx_atime));
  row_.set(P::mtime, seconds(file->status.stx_mtime));
  row_.set(P::ctime, seconds(file->status.stx_ctime));
  if ((file->status.stx_mask & STATX_BTIME) != 0) {
    row_.set(P::btime, seconds(file->status.stx_btime));
  }
  if (options_.enrichment == nullptr) return;
  // Asked before the row is stored: who sees the row can wait for the answer.
  executable_id_ = options_.enrichment->note_executed(execution.path, *file, execution.time_ns);
  row_.set(P::executable_id, executable_id_);
}

/// Its cgroup is read again for the runtime and the pod, once for a container.
void Ingest::ask_about_container(const Identity& identity, uint64_t time_ns) {
  if (options_.enrichment == nullptr || procfs_ == nullptr || identity.container.empty()) return;
  const std::string id(identity.container);
  if (!options_.enrichment->wants_container(id, time_ns)) return;
  const auto cgroup = procfs_->cgroup(identity.pid);
  if (!cgroup) return;
  ContainerOrigin origin = container_origin(*cgroup);
  if (origin.id == id) options_.enrichment->note_container(std::move(origin), time_ns);
}

template <typename Column>
void Ingest::set_uptime(Column column, uint64_t time_ns) {
  const uint64_t boot_ns = clock_.wall_ns(0);
  if (options_.live && time_ns > boot_ns) row_.set(column, (time_ns - boot_ns) / 1'000'000'000);
}

void Ingest::note_time(uint64_t time_ns) {
  latest_event_ns_ = time_ns;
  newest_event_ns_ = std::max(newest_event_ns_, time_ns);
  if (!options_.live) return;
  const uint64_t now_ns = wall_clock_ns();
  lag_.set(now_ns > time_ns ? (now_ns - time_ns) / 1'000'000 : 0);
}

void Ingest::on_process(const ProcessEvent& event) {
  const Identity identity = processes_->resolve(event);
  note_time(event.header.time_ns);
  if (identity.child.kind == ChildKind::thread) return;
  const bool executed = event.action == ProcessAction::exec && event.outcome.success;
  if (executed && execs_ != nullptr) execs_->recorded(event.caller.pid);
  if (event.action == ProcessAction::exit && tasks_ != nullptr && identity.known()) {
    return ends_->called(event, identity);
  }
  if (event.header.backend == BackendKind::proc_connector) {
    return store_from_connector(event, identity);
  }
  store(event, identity);
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

void Ingest::on_end(const ProcessEvent& event, const Identity& identity) {
  const auto hidden = execs_ != nullptr ? execs_->ended(identity.pid) : std::nullopt;
  const bool is_told = event.header.backend == BackendKind::proc_connector;
  if (!hidden || !is_told) return store(event, identity);
  if (!hidden->program && hidden->is_only && filter_->hides_execs()) return filter_->count_hidden();
  ProcessEvent whole = event;
  hidden->describe(whole.caller);
  store(whole, identity);
}

void Ingest::store(const ProcessEvent& event, const Identity& identity) {
  if (exclusions_->excludes(event, identity)) return;
  ProcessEvent kept = event;
  kept.argv = redaction_.redact(event.argv);
  row_.clear();
  text_.clear();
  fill_process_row(kept, row_, text_);
  fill_cmdline_size(event.argv, row_);
  fill_terminal(event.caller.tty, identity.tty, row_);
  set_identity(identity);
  set_uptime(P::uptime, event.header.time_ns);
  if (event.action == ProcessAction::fork && event.outcome.success) {
    row_.clear_cell(P::process_uuid);
    row_.clear_cell(P::parent_uuid);
    row_.clear_cell(P::start_time);
    set_forked_child(identity.child);
  }
  const bool executed = event.action == ProcessAction::exec && event.outcome.success;
  if (executed && options_.live) {
    const Caller& caller = event.caller;
    const uint64_t time_ns = event.header.time_ns;
    set_executed_file({caller.pid, caller.parent, caller.exe, event.paths, time_ns});
    ask_about_container(identity, time_ns);
    exec_columns_->fill(event, identity, row_);
  }
  // Nothing told the end: a look at /proc did not find the process any more.
  const bool vanished = event.action == ProcessAction::exit && !event.exit_status.has_value() &&
                        !event.exit_signal.has_value();
  if (vanished) row_.set(P::backend, std::string_view("procfs"));
  options_.process_events->append(row_);
  lifetimes_->folder().add(kept, identity);
  fold_lifetimes(event.header.time_ns);
}

void Ingest::on_socket(const SocketEvent& event) {
  const Identity identity = processes_->resolve(event);
  note_time(event.header.time_ns);
  if (exclusions_->excludes(event, identity)) return;
  row_.clear();
  text_.clear();
  fill_socket_row(event, row_, text_);
  set_uuid(row_, S::process_uuid, identity.process);
  set_uuid(row_, S::parent_uuid, identity.parent);
  if (!identity.container.empty()) row_.set(S::container_id, identity.container);
  set_uptime(S::uptime, event.header.time_ns);
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
  event.argv = redaction_.redact(arguments);
  const std::string tty = terminal_name(process.identity.tty);
  event.caller.tty = tty;
  row_.clear();
  text_.clear();
  fill_process_row(event, row_, text_);
  fill_cmdline_size(arguments, row_);
  fill_terminal(tty, process.identity.tty, row_);
  row_.set(P::backend, std::string_view("procfs"));
  if (exec_columns_ != nullptr) exec_columns_->fill(process, row_);
  set_identity(process.identity);
  const Caller& caller = event.caller;
  // Kernel threads run no file.
  if (!caller.exe.empty()) {
    set_executed_file({caller.pid, caller.parent, caller.exe, {}, event.header.time_ns});
  }
  ask_about_container(process.identity, event.header.time_ns);
  set_uptime(P::uptime, event.header.time_ns);
  options_.process_events->append(row_);
  lifetimes_->folder().add_existing(process.identity, event.header.time_ns, event.argv);
}

void Ingest::on_vanished(const Identity& identity) { ends_->vanished(identity, wall_clock_ns()); }

}  // namespace auditql
