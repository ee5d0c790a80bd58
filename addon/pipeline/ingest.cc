#include "ingest.h"

#include <unistd.h>

#include "decode_loop.h"
#include "file_times.h"
#include "process_row.h"
#include "socket_row.h"

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
  }
  ingest->processes_ = std::make_unique<ProcessTable>(table);
  ingest->filter_ = std::make_unique<ExclusionFilter>(options.exclusion, *options.health);
  ingest->lag_ = options.health->counter({"decode", "events", "lag_ms"});
  return ingest;
}

void Ingest::scan(uint64_t now_ns) { processes_->scan(now_ns); }

void Ingest::housekeep(uint64_t now_ns) {
  if (options_.live) {
    processes_->collect(now_ns);
    // Nothing waits once the stream has been silent for a pause.
    if (latest_event_ns_ != 0 && now_ns > latest_event_ns_ + 2'000'000'000) lag_.set(0);
  }
  options_.process_events->expire(now_ns);
  options_.socket_events->expire(now_ns);
}

void Ingest::set_identity(const Identity& identity) {
  set_uuid(row_, P::process_uuid, identity.process);
  set_uuid(row_, P::parent_uuid, identity.parent);
  set_uuid(row_, P::session_leader_uuid, identity.session_leader);
  set_uuid(row_, P::entry_leader_uuid, identity.entry_leader);
  if (identity.start_time_ns != 0) row_.set(P::start_time, identity.start_time_ns);
}

/// The row of a fork is about the child; its leaders are the caller's.
void Ingest::set_forked_child(const ForkedChild& child) {
  if (child.kind == ChildKind::unknown) {
    // The number is the child's in the caller's pid namespace, and it may have been a thread.
    row_.set(P::partial, uint64_t{1});
    return;
  }
  row_.set_signed(P::pid, child.pid);
  set_uuid(row_, P::process_uuid, child.process);
  set_uuid(row_, P::parent_uuid, child.parent);
  if (child.start_time_ns != 0) row_.set(P::start_time, child.start_time_ns);
}

void Ingest::set_file_times(const ProcessEvent& event) {
  const auto times = executed_file_times(event.caller.pid, event.caller.exe, event.paths);
  if (!times) return;
  row_.set(P::atime, times->accessed);
  row_.set(P::mtime, times->modified);
  row_.set(P::ctime, times->changed);
  if (times->born) row_.set(P::btime, *times->born);
}

void Ingest::set_uptime(uint64_t time_ns) {
  const uint64_t boot_ns = clock_.wall_ns(0);
  if (options_.live && time_ns > boot_ns) row_.set(P::uptime, (time_ns - boot_ns) / 1'000'000'000);
}

void Ingest::note_lag(uint64_t time_ns) {
  latest_event_ns_ = time_ns;
  if (!options_.live) return;
  const uint64_t now_ns = wall_clock_ns();
  lag_.set(now_ns > time_ns ? (now_ns - time_ns) / 1'000'000 : 0);
}

/// After identity has learned from the event: who a process is must not depend on what is kept.
bool Ingest::is_excluded(const Caller& caller, std::string_view syscall, const Identity& identity) {
  if (!filter_->needs_parent()) return filter_->excludes({caller, syscall, {}});
  const auto parent = processes_->find(identity.parent_pid);
  // The pid alone may be another process's by now.
  const bool is_parent = parent && identity.parent.known() && parent->process == identity.parent;
  return filter_->excludes({caller, syscall, is_parent ? parent->exe : std::string_view()});
}

void Ingest::on_process(const ProcessEvent& event) {
  const Identity identity = processes_->resolve(event);
  if (identity.child.kind == ChildKind::thread) return;
  if (is_excluded(event.caller, event.header.syscall_name, identity)) return;
  row_.clear();
  text_.clear();
  fill_process_row(event, row_, text_);
  set_identity(identity);
  set_uptime(event.header.time_ns);
  if (event.action == ProcessAction::fork && event.outcome.success) {
    row_.clear_cell(P::process_uuid);
    row_.clear_cell(P::parent_uuid);
    row_.clear_cell(P::start_time);
    set_forked_child(identity.child);
  }
  const bool executed = event.action == ProcessAction::exec && event.outcome.success;
  if (executed && options_.live) set_file_times(event);
  options_.process_events->append(row_);
  note_lag(event.header.time_ns);
}

void Ingest::on_socket(const SocketEvent& event) {
  const Identity identity = processes_->resolve(event);
  if (is_excluded(event.caller, event.header.syscall_name, identity)) return;
  row_.clear();
  text_.clear();
  fill_socket_row(event, row_, text_);
  set_uuid(row_, S::process_uuid, identity.process);
  set_uuid(row_, S::parent_uuid, identity.parent);
  const uint64_t boot_ns = clock_.wall_ns(0);
  if (options_.live && event.header.time_ns > boot_ns) {
    row_.set(S::uptime, (event.header.time_ns - boot_ns) / 1'000'000'000);
  }
  options_.socket_events->append(row_);
  note_lag(event.header.time_ns);
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
  const ProcStatus& status = process.status;
  event.caller.credentials = {process.details.loginuid,
                              status.uid,
                              status.euid,
                              status.suid,
                              status.fsuid,
                              status.gid,
                              status.egid,
                              status.sgid,
                              status.fsgid,
                              process.details.audit_session,
                              true};
  if (is_excluded(event.caller, {}, process.identity)) return;
  row_.clear();
  text_.clear();
  fill_process_row(event, row_, text_);
  if (!process.details.cmdline.empty()) {
    row_.set(P::args_bytes, std::string_view(process.details.cmdline));
  }
  row_.set(P::backend, std::string_view("procfs"));
  row_.set(P::interactive, uint64_t{process.identity.interactive()});
  set_identity(process.identity);
  set_uptime(event.header.time_ns);
  options_.process_events->append(row_);
}

void Ingest::on_vanished(const Identity& identity) {
  ProcessEvent event;
  event.action = ProcessAction::exit;
  event.header.time_ns = identity.ended_ns;
  event.header.partial = true;
  event.caller.pid = identity.pid;
  event.caller.parent = identity.parent_pid;
  event.caller.comm = identity.comm;
  event.caller.exe = identity.exe;
  event.cwd = identity.cwd;
  if (is_excluded(event.caller, {}, identity)) return;
  row_.clear();
  text_.clear();
  fill_process_row(event, row_, text_);
  row_.set(P::backend, std::string_view("procfs"));
  set_identity(identity);
  set_uptime(event.header.time_ns);
  options_.process_events->append(row_);
}

}  // namespace auditql
