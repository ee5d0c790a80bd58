#include "lifetime_rows.h"

#include <utility>

#include "../identity/terminal_name.h"
#include "../store/generated/event_tables.h"

namespace auditql {

namespace {

void set_text(Row& row, ProcessLifetimesColumn column, std::string_view text) {
  if (!text.empty()) row.set(column, text);
}

void set_uuid(Row& row, ProcessLifetimesColumn column, const Uuid& uuid) {
  if (uuid.known()) row.set(column, uuid.bytes);
}

void fill_process(const Lifetime& lifetime, Row& row) {
  row.set_signed(ProcessLifetimesColumn::pid, lifetime.pid);
  row.set_signed(ProcessLifetimesColumn::parent, lifetime.parent_pid);
  set_uuid(row, ProcessLifetimesColumn::process_uuid, lifetime.process);
  set_uuid(row, ProcessLifetimesColumn::parent_uuid, lifetime.parent);
  set_uuid(row, ProcessLifetimesColumn::session_leader_uuid, lifetime.session_leader);
  set_uuid(row, ProcessLifetimesColumn::entry_leader_uuid, lifetime.entry_leader);
  set_text(row, ProcessLifetimesColumn::path, lifetime.exe);
  set_text(row, ProcessLifetimesColumn::comm, lifetime.comm);
  set_text(row, ProcessLifetimesColumn::cwd, lifetime.cwd);
  set_text(row, ProcessLifetimesColumn::container_id, lifetime.container);
  set_text(row, ProcessLifetimesColumn::args_bytes, lifetime.args);
  if (lifetime.args_count > 0) row.set(ProcessLifetimesColumn::args_count, lifetime.args_count);
  const Credentials& ids = lifetime.credentials;
  if (!ids.known) return;
  row.set(ProcessLifetimesColumn::auid, ids.auid);
  row.set(ProcessLifetimesColumn::uid, ids.uid);
  row.set(ProcessLifetimesColumn::euid, ids.euid);
  row.set(ProcessLifetimesColumn::gid, ids.gid);
  row.set(ProcessLifetimesColumn::egid, ids.egid);
  if (ids.session != kUnsetId) row.set(ProcessLifetimesColumn::session_id, ids.session);
}

void fill_times(const Lifetime& lifetime, Row& row) {
  row.set(ProcessLifetimesColumn::ntime, lifetime.last_ns);
  if (lifetime.start_time_ns != 0)
    row.set(ProcessLifetimesColumn::start_time, lifetime.start_time_ns);
  if (!lifetime.exited) return;
  row.set(ProcessLifetimesColumn::exit_time, lifetime.exited_ns / 1'000'000'000);
  if (const auto duration_ns = lifetime.duration_ns())
    row.set(ProcessLifetimesColumn::duration, *duration_ns);
  if (lifetime.exit_status)
    row.set_signed(ProcessLifetimesColumn::exit_code, *lifetime.exit_status & 0xff);
  if (lifetime.exit_signal)
    row.set_signed(ProcessLifetimesColumn::exit_signal, *lifetime.exit_signal);
}

}  // namespace

LifetimeRows::LifetimeRows(const Options& options) : options_(options) {
  const auto counter = [&](std::string_view metric, std::string_view reason = {}) {
    return options.health->counter({"identity", "lifetimes", metric, reason});
  };
  open_ = counter("open");
  dropped_ = counter("dropped", "too_many_open");
  args_dropped_ = counter("dropped", "arguments");
}

void LifetimeRows::store(uint64_t now_ns) {
  for (const Lifetime& lifetime : folder_.take(now_ns)) append(lifetime);
  open_.set(folder_.open());
  dropped_.add(folder_.dropped() - std::exchange(dropped_before_, folder_.dropped()));
  args_dropped_.add(folder_.args_dropped() -
                    std::exchange(args_dropped_before_, folder_.args_dropped()));
}

void LifetimeRows::append(const Lifetime& lifetime) {
  row_.clear();
  text_.clear();
  fill_process(lifetime, row_);
  fill_times(lifetime, row_);
  row_.set(ProcessLifetimesColumn::event_type, lifetime.event_type());
  row_.set(ProcessLifetimesColumn::event_action, lifetime.event_action());
  row_.set(ProcessLifetimesColumn::execs, lifetime.execs);
  set_text(row_, ProcessLifetimesColumn::tty, text_.keep(terminal_name(lifetime.tty)));
  row_.set(ProcessLifetimesColumn::interactive, uint64_t{lifetime.tty != 0});
  row_.set(ProcessLifetimesColumn::backend,
           lifetime.existing ? std::string_view("procfs") : backend_name(lifetime.backend));
  row_.set(ProcessLifetimesColumn::partial, uint64_t{lifetime.partial});
  if (options_.boot_ns != 0 && lifetime.last_ns > options_.boot_ns) {
    row_.set(ProcessLifetimesColumn::uptime, (lifetime.last_ns - options_.boot_ns) / 1'000'000'000);
  }
  options_.table->append(row_);
}

}  // namespace auditql
