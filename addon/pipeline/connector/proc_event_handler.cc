#include "proc_event_handler.h"

#include <vector>

#include "../../identity/terminal_name.h"
#include "../../rows/split_arguments.h"
#include "../../system/clocks.h"

namespace auditql {

namespace {

/// How long a measured difference between the clocks is used; steps of the wall clock show by then.
constexpr uint64_t kOffsetKeptNs = 1'000'000'000;

/// CLOCK_REALTIME - CLOCK_MONOTONIC. Of a few looks the quickest, since the thread may be paused
/// between the two readings.
uint64_t wall_offset_ns() {
  uint64_t offset_ns = 0, shortest_ns = UINT64_MAX;
  for (int look = 0; look < 3; look++) {
    const uint64_t before_ns = monotonic_ns();
    const uint64_t wall = wall_clock_ns();
    const uint64_t took_ns = monotonic_ns() - before_ns;
    if (took_ns >= shortest_ns) continue;
    shortest_ns = took_ns;
    offset_ns = wall - before_ns - took_ns / 2;
  }
  return offset_ns;
}

}  // namespace

ProcEventHandler::ProcEventHandler(const Options& options)
    : options_(options),
      counts_({.left_out = options.health->counter({"identity", "tasks", "uncounted"})}) {
  const auto counter = [&](std::string_view metric) {
    return options.health->counter({"decode", "proc-connector", metric});
  };
  malformed_ = counter("malformed");
  threads_ = counter("threads_started");
}

uint64_t ProcEventHandler::wall_ns(uint64_t monotonic) {
  if (monotonic >= offset_until_ns_) {
    offset_ns_ = wall_offset_ns();
    offset_until_ns_ = monotonic_ns() + kOffsetKeptNs;
  }
  return monotonic + offset_ns_;
}

void ProcEventHandler::on_message(std::string_view bytes) {
  const auto event = parse_proc_event(bytes);
  if (!event) return malformed_.add();
  const uint64_t time_ns = wall_ns(event->monotonic_ns);
  switch (event->action) {
    case TaskAction::fork:
      return on_fork(*event, time_ns);
    case TaskAction::exec:
      return on_exec(*event, time_ns);
    case TaskAction::exit:
      return on_exit(*event, time_ns);
  }
}

void ProcEventHandler::messages_lost() {
  hints_.forget();
  counts_.forget();
  if (options_.execs != nullptr) options_.execs->forget();
}

void ProcEventHandler::on_fork(const TaskEvent& event, uint64_t time_ns) {
  hints_.add({event.pid, event.tgid, event.parent_tgid, time_ns});
  counts_.started(event.pid, event.tgid);
  if (event.pid != event.tgid) return threads_.add();
  if (options_.forked) options_.forked(event.parent_tgid, time_ns);
  if (options_.execs != nullptr) options_.execs->started(event.pid);
  if (options_.events == nullptr) return;
  ProcessEvent made;
  made.action = ProcessAction::fork;
  made.header.time_ns = time_ns;
  made.header.backend = BackendKind::proc_connector;
  made.caller.pid = event.parent_tgid;
  made.outcome = {true, true, event.pid};
  made.child_pid = event.pid;
  options_.events->on_process(made);
}

void ProcEventHandler::on_exec(const TaskEvent& event, uint64_t time_ns) {
  if (options_.execs != nullptr) note_exec(event.tgid);
  if (options_.events == nullptr) return;
  ProcessEvent made;
  made.action = ProcessAction::exec;
  made.header.time_ns = time_ns;
  made.header.backend = BackendKind::proc_connector;
  made.caller.pid = event.tgid;
  made.outcome = {true, true, 0};
  const auto details = options_.procfs->details(event.tgid).value_or(ProcDetails{});
  const auto stat = options_.procfs->stat(event.tgid);
  const auto status = options_.procfs->status(event.tgid);
  made.header.partial = details.exe.empty() || !stat || !status;
  const std::vector<std::string_view> arguments = split_arguments(details.cmdline);
  const std::string tty = stat ? terminal_name(stat->tty) : std::string();
  made.argv = arguments;
  made.argc = static_cast<uint32_t>(arguments.size());
  made.cwd = details.cwd;
  made.caller.exe = details.exe;
  made.caller.tty = tty;
  if (stat) made.caller.comm = stat->comm;
  if (stat) made.caller.parent = stat->ppid;
  if (status) {
    made.caller.credentials = credentials_of(*status, details);
  }
  options_.events->on_process(made);
}

void ProcEventHandler::note_exec(int32_t pid) {
  if (!options_.needs_programs()) return options_.execs->on_reported(pid, std::nullopt);
  const auto details = options_.procfs->details(pid);
  const auto stat = options_.procfs->stat(pid);
  const auto status = options_.procfs->status(pid);
  std::optional<RunningProgram> program;
  if (details && stat && status && !details->exe.empty()) {
    program = RunningProgram{details->exe, stat->comm, credentials_of(*status, *details)};
  }
  options_.execs->on_reported(pid, std::move(program));
}

void ProcEventHandler::on_exit(const TaskEvent& event, uint64_t time_ns) {
  if (is_last(event, time_ns)) options_.ends->on_reported(event, time_ns, wall_clock_ns());
}

/// Without a count, /proc says whether tasks of the process are left.
bool ProcEventHandler::is_last(const TaskEvent& event, uint64_t time_ns) {
  const LastTask last = counts_.ended(event.tgid);
  if (last != LastTask::unknown) return last == LastTask::yes;
  return !options_.processes->has_tasks({event.pid, event.tgid, time_ns, 0});
}

/// The kernel reports a fork before its audit record is made and before the child runs
/// (copy_process(), kernel/fork.c), so what the socket holds now has the hint unless it was lost.
std::optional<ForkHint> ProcEventHandler::hint_of(const ForkCall& call) {
  auto hint = hints_.find(call);
  if (hint || !options_.pull) return hint;
  options_.pull();
  return hints_.find(call);
}

}  // namespace auditql
