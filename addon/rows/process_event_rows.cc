#include "process_event_rows.h"

#include <string>
#include <utility>

#include "executed_file.h"
#include "process_row.h"
#include "row_identity.h"

namespace auditql {

namespace {

/// `Process`: of the event itself, or the child of a fork.
template <typename Process>
void set_process(Row& row, const Process& process) {
  set_uuid(row, ProcessEventsColumn::process_uuid, process.process);
  set_uuid(row, ProcessEventsColumn::parent_uuid, process.parent);
  set_uuid(row, ProcessEventsColumn::session_leader_uuid, process.session_leader);
  set_uuid(row, ProcessEventsColumn::entry_leader_uuid, process.entry_leader);
  if (process.start_time_ns != 0) row.set(ProcessEventsColumn::start_time, process.start_time_ns);
}

Counter skipped(HealthRegion& health, std::string_view reason) {
  return health.counter({"enrich", "executables", "skipped", reason});
}

}  // namespace

ProcessEventRows::ProcessEventRows(const Options& options)
    : options_(options),
      unknown_(*options.health),
      not_found_{skipped(*options.health, "gone_at_once"), skipped(*options.health, "other_file"),
                 skipped(*options.health, "shared_inode"), skipped(*options.health, "changed")} {
  if (options.procfs == nullptr) return;
  exec_columns_ = std::make_unique<ExecColumns>(
      ExecDetailsReader::Options{options.environment, options.health, options.procfs});
}

void ProcessEventRows::begin(const ResolvedEvent& resolved) {
  const auto& [event, identity, shown_arguments] = resolved;
  ProcessEvent shown = event;
  shown.argv = shown_arguments;
  row_.clear();
  text_.clear();
  unknown_.clear();
  fill_process_row(shown, row_, text_);
  fill_cmdline_size(event.argv, row_);
  fill_terminal(event.caller.tty, identity.tty, row_);
  set_identity(identity);
  set_uptime(row_, ProcessEventsColumn::uptime, {options_.boot_ns, event.header.time_ns});
}

void ProcessEventRows::store(const ResolvedEvent& resolved) {
  const auto& [event, identity, shown_arguments] = resolved;
  begin(resolved);
  const bool succeeded = event.outcome.success;
  if (event.action == ProcessAction::fork && succeeded) set_forked_child(identity.child);
  if (event.action == ProcessAction::exec && succeeded && options_.procfs != nullptr) {
    const Caller& caller = event.caller;
    const uint64_t time_ns = event.header.time_ns;
    const HeldProcess process(options_.procfs, caller.pid);
    const int directory = identity.estimated ? -1 : process.directory();
    set_executed_file({directory, caller.parent, caller.exe, event.paths, time_ns});
    ask_about_container(identity, time_ns);
    exec_columns_->fill(event, identity, row_, unknown_);
  }
  // Nothing told the end: a look at /proc did not find the process any more.
  const bool vanished = event.action == ProcessAction::exit && !event.exit_status.has_value() &&
                        !event.exit_signal.has_value();
  if (vanished) row_.set(ProcessEventsColumn::backend, std::string_view("procfs"));
  append();
}

void ProcessEventRows::store_found(const ResolvedEvent& resolved, const FoundProcess& found) {
  const auto& [event, identity, shown_arguments] = resolved;
  begin(resolved);
  row_.set(ProcessEventsColumn::backend, std::string_view("procfs"));
  if (options_.procfs != nullptr) {
    const Caller& caller = event.caller;
    const HeldProcess process(options_.procfs, caller.pid);
    exec_columns_->fill(found, row_, unknown_);
    // Kernel threads run no file.
    if (!caller.exe.empty()) {
      set_executed_file({process.directory(), caller.parent, caller.exe, {}, event.header.time_ns});
    }
    ask_about_container(identity, event.header.time_ns);
  }
  append();
}

void ProcessEventRows::append() {
  if (!unknown_.text().empty()) row_.set(ProcessEventsColumn::unknown_facts, unknown_.text());
  options_.table->append(row_);
}

void ProcessEventRows::set_identity(const Identity& identity) {
  set_process(row_, identity);
  if (!identity.container.empty()) row_.set(ProcessEventsColumn::container_id, identity.container);
}

/// The row of a fork is about the child.
void ProcessEventRows::set_forked_child(const ForkedChild& child) {
  for (const ProcessEventsColumn column :
       {ProcessEventsColumn::process_uuid, ProcessEventsColumn::parent_uuid,
        ProcessEventsColumn::start_time})
    row_.clear_cell(column);
  if (child.kind == ChildKind::unknown) {
    // The number is the child's in the caller's pid namespace, and it may have been a thread.
    row_.set(ProcessEventsColumn::partial, uint64_t{1});
    return;
  }
  row_.set_signed(ProcessEventsColumn::pid, child.pid);
  set_process(row_, child);
}

void ProcessEventRows::set_executed_file(const Execution& execution) {
  const auto [file, why_not] = find_executed_file(execution, mounts_);
  if (!file) {
    unknown_.add(LateFact::executable);
    return not_found_[static_cast<size_t>(why_not)].add();
  }
  const auto seconds = [](const statx_timestamp& time) {
    return static_cast<uint64_t>(time.tv_sec);
  };
  row_.set(ProcessEventsColumn::atime, seconds(file->status.stx_atime));
  row_.set(ProcessEventsColumn::mtime, seconds(file->status.stx_mtime));
  row_.set(ProcessEventsColumn::ctime, seconds(file->status.stx_ctime));
  if ((file->status.stx_mask & STATX_BTIME) != 0) {
    row_.set(ProcessEventsColumn::btime, seconds(file->status.stx_btime));
  }
  if (options_.enrichment == nullptr) return;
  // Asked before the row is stored: who sees the row can wait for the answer.
  executable_id_ = options_.enrichment->note_executed(execution.path, *file, execution.time_ns);
  row_.set(ProcessEventsColumn::executable_id, executable_id_);
}

/// Its cgroup is read again for the runtime and the pod, once for a container.
void ProcessEventRows::ask_about_container(const Identity& identity, uint64_t time_ns) {
  if (options_.enrichment == nullptr || identity.container.empty()) return;
  const std::string id(identity.container);
  if (!options_.enrichment->needs_container(id, time_ns)) return;
  const auto cgroup = options_.procfs->cgroup(identity.pid);
  if (!cgroup) return;
  ContainerOrigin origin = container_origin(*cgroup);
  if (origin.id == id) options_.enrichment->note_container(std::move(origin), time_ns);
}

}  // namespace auditql
