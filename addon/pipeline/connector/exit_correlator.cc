#include "exit_correlator.h"

#include <algorithm>

#include "../../identity/terminal_name.h"

namespace auditql {

namespace {

void set_end(ProcessEvent& event, uint32_t wait_status) {
  const EndOfTask end = end_of(wait_status);
  event.exit_status = end.status;
  event.exit_signal = end.signal;
}

}  // namespace

ExitCorrelator::ExitCorrelator(const Options& options) : options_(options) {
  const auto counter = [&](std::string_view metric, std::string_view reason = {}) {
    return options.health->counter({"identity", "ends", metric, reason});
  };
  waiting_ = counter("waiting");
  early_ = counter("handed_on_early", "too_many_waiting");
  late_calls_ = counter("exit_group_after_end");
  without_call_ = counter("without_exit_group");
}

void ExitCorrelator::on_exit_group(const ProcessEvent& event, const Identity& caller) {
  if (caller.end_seen) {
    late_calls_.add();
    return;
  }
  if (calls_.size() < options_.max_waiting) {
    calls_.insert_or_assign(caller.pid, Call{caller.process, KeptEvent(event)});
    return;
  }
  early_.add();
  const TaskEnd end{caller.pid, caller.pid, event.header.time_ns, caller.start_ticks};
  const Identity identity = options_.processes->process_ended(end);
  if (identity.known()) options_.sink->on_end(event, identity);
}

void ExitCorrelator::on_reported(const TaskEvent& event, uint64_t time_ns, uint64_t now_ns) {
  const TaskEnd end{event.pid, event.tgid, time_ns, 0};
  options_.processes->expect_end(end);
  reported_.push_back({end, event.parent_tgid, event.wait_status, now_ns});
  if (reported_.size() <= options_.max_waiting) return;
  early_.add();
  hand_on(reported_.front());
  reported_.pop_front();
}

void ExitCorrelator::vanished(const Identity& identity, uint64_t now_ns) {
  const TaskEnd end{identity.pid, identity.pid, identity.ended_ns, identity.start_ticks};
  const Ending ending{end, identity.parent_pid, std::nullopt, now_ns};
  if (!options_.are_reported) return make_event(ending, identity);
  vanished_.push_back(ending);
}

bool ExitCorrelator::is_due(const Ending& ending, const RecordsRead& read, uint64_t now_ns) const {
  if (!options_.await_records) return true;
  const uint64_t waited_ns = now_ns > ending.since_ns ? now_ns - ending.since_ns : 0;
  if (waited_ns >= options_.longest_wait_ns) return true;
  if (!has_all_calls(ending, std::min(read.idle_ns, waited_ns), waited_ns) &&
      read.up_to_ns <= ending.end.time_ns) {
    return false;
  }
  return waited_ns >= options_.fork_wait_ns || !options_.processes->awaits_fork(ending.end.tgid);
}

/// Whether time alone says that no record of the process's own calls is on its way.
bool ExitCorrelator::has_all_calls(const Ending& ending, uint64_t quiet_ns,
                                   uint64_t waited_ns) const {
  if (calls_.contains(ending.end.tgid)) return waited_ns >= options_.after_call_ns;
  const bool by_signal = ending.wait_status && end_of(*ending.wait_status).signal.has_value();
  return quiet_ns >= (by_signal ? options_.quiet_ns : options_.quiet_without_call_ns);
}

/// They become due in another order than they came in.
void ExitCorrelator::release_reported(const RecordsRead& read, uint64_t now_ns) {
  std::deque<Ending> waiting;
  waiting.swap(reported_);
  for (const Ending& ending : waiting) {
    if (is_due(ending, read, now_ns)) {
      hand_on(ending);
    } else {
      reported_.push_back(ending);
    }
  }
}

/// Whether no report of an end that a sweep has found will come. Where reports are records, one
/// that was sent before others that have been read, or before a silence, was lost.
bool ExitCorrelator::is_given_up(const Ending& ending, const RecordsRead& read,
                                 uint64_t now_ns) const {
  if (ending.since_ns + options_.vanished_wait_ns > now_ns) return false;
  if (!options_.are_records) return true;
  return read.up_to_ns > ending.end.time_ns || read.idle_ns >= options_.quiet_ns;
}

void ExitCorrelator::release(const RecordsRead& read, uint64_t now_ns) {
  if (!reported_.empty()) release_reported(read, now_ns);
  while (!vanished_.empty() && is_given_up(vanished_.front(), read, now_ns)) {
    hand_on(vanished_.front());
    vanished_.pop_front();
  }
  waiting_.set(reported_.size() + vanished_.size() + calls_.size());
}

void ExitCorrelator::hand_on(const Ending& ending) {
  const Identity identity = options_.processes->process_ended(ending.end);
  if (!identity.known()) return;
  const auto call = calls_.find(identity.pid);
  if (call != calls_.end() && call->second.process == identity.process) {
    hand_on_call(call->second, ending, identity);
    calls_.erase(call);
    return;
  }
  without_call_.add();
  make_event(ending, identity);
}

/// An end of which nothing but the identity is known.
void ExitCorrelator::make_event(const Ending& ending, const Identity& identity) {
  const std::string tty = terminal_name(identity.tty);
  ProcessEvent event;
  event.action = ProcessAction::exit;
  event.header.time_ns = ending.end.time_ns;
  event.header.backend = BackendKind::proc_connector;
  event.header.partial = !ending.wait_status.has_value();
  event.caller.pid = identity.pid;
  event.caller.parent = ending.parent != 0 ? ending.parent : identity.parent_pid;
  event.caller.credentials = identity.credentials;
  event.caller.comm = identity.comm;
  event.caller.exe = identity.exe;
  event.caller.tty = tty;
  event.cwd = identity.cwd;
  if (ending.wait_status) set_end(event, *ending.wait_status);
  options_.sink->on_end(event, identity);
}

/// The kernel's word on how it ended goes before what the call asked for: a signal may have been
/// faster, or another thread.
void ExitCorrelator::hand_on_call(const Call& call, const Ending& ending,
                                  const Identity& identity) {
  ProcessEvent event = call.record.event;
  if (ending.wait_status) {
    event.header.time_ns = ending.end.time_ns;
    set_end(event, *ending.wait_status);
  }
  if (event.cwd.empty()) event.cwd = identity.cwd;
  options_.sink->on_end(event, identity);
}

void ExitCorrelator::finish() {
  for (const Ending& ending : reported_) hand_on(ending);
  for (const Ending& ending : vanished_) hand_on(ending);
  for (const auto& [pid, call] : calls_) {
    const Identity identity =
        options_.processes->process_ended({pid, pid, call.record.event.header.time_ns, 0});
    if (identity.process == call.process && identity.known()) {
      options_.sink->on_end(call.record.event, identity);
    }
  }
  reported_.clear();
  vanished_.clear();
  calls_.clear();
  waiting_.set(0);
}

}  // namespace auditql
