#include "event_exclusions.h"

#include <string>

namespace auditql {

namespace {

/// The call that an event is about; where the process connector told it, those it may have been.
std::span<const std::string_view> calls_of(const ProcessEvent& event) {
  static constexpr std::string_view kForks[] = {"fork", "vfork", "clone", "clone3"};
  static constexpr std::string_view kExecs[] = {"execve", "execveat"};
  static constexpr std::string_view kExits[] = {"exit_group", "exit"};
  if (!event.header.syscall_name.empty()) return {&event.header.syscall_name, 1};
  switch (event.action) {
    case ProcessAction::fork:
      return kForks;
    case ProcessAction::exec:
      return kExecs;
    case ProcessAction::exit:
      if (event.exit_status) return kExits;
      return {};  // ended by a signal, or nobody knows how
    case ProcessAction::existing:
      return {};
  }
  return {};
}

}  // namespace

bool EventExclusions::excludes(const ProcessEvent& event, const Identity& identity) const {
  return test({event.caller, calls_of(event), event.header.time_ns}, identity);
}

bool EventExclusions::excludes(const SocketEvent& event, const Identity& identity) const {
  return test({event.caller, {&event.header.syscall_name, 1}, event.header.time_ns}, identity);
}

bool EventExclusions::excludes(const LooseCall& call) const {
  if (filter_.is_empty()) return false;
  const Caller& caller = call.caller;
  const Identity identity = find(caller.pid, call.time_ns).value_or(Identity{});
  const std::string exe(identity.exe);  // the view ends with the look-up of the parent
  Caller known = caller;
  if (known.exe.empty()) known.exe = exe;
  if (!known.credentials.known) known.credentials = identity.credentials;
  if (known.parent == 0) known.parent = identity.parent_pid;
  return test({known, {&call.syscall, 1}, call.time_ns}, identity);
}

std::optional<Identity> EventExclusions::find(int32_t pid, uint64_t time_ns) const {
  return processes_ == nullptr ? std::nullopt : processes_->find(pid, time_ns);
}

bool EventExclusions::test(const Call& call, const Identity& identity) const {
  const auto& [caller, syscalls, time_ns] = call;
  if (!filter_.needs_parent()) return filter_.excludes({caller, syscalls, {}});
  const auto parent = find(identity.parent_pid, time_ns);
  // The pid alone may be another process's by now.
  const bool is_parent = parent && identity.parent.known() && parent->process == identity.parent;
  return filter_.excludes({caller, syscalls, is_parent ? parent->exe : std::string_view()});
}

}  // namespace auditql
