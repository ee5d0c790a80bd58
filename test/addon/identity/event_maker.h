#pragma once

#include <sched.h>

#include <cstdint>
#include <string_view>

#include "decode/event.h"
#include "identity/boot_clock.h"

namespace auditql::test {

/// The host of the tests booted then; a tick is 10 ms.
constexpr BootClock kClock(1'700'000'000'000'000'000, 100);

/// Wall clock of a moment given in ticks since boot.
constexpr uint64_t at(double ticks) {
  return kClock.wall_ns(0) + static_cast<uint64_t>(ticks * 10'000'000);
}

inline ProcessEvent made(ProcessAction action, int32_t pid, int32_t ppid, double ticks) {
  ProcessEvent event;
  event.header.time_ns = at(ticks);
  event.action = action;
  event.caller.pid = pid;
  event.caller.parent = ppid;
  event.caller.comm = "sh";
  event.caller.exe = "/bin/sh";
  event.outcome = {.known = true, .success = true, .value = 0};
  return event;
}

struct ForkClaim {
  int32_t caller, ppid, child;
  double ticks;
  uint64_t flags = 0;
  bool clone3 = false;
};

inline ProcessEvent made_fork(const ForkClaim& fork) {
  ProcessEvent event = made(ProcessAction::fork, fork.caller, fork.ppid, fork.ticks);
  event.child_pid = fork.child;
  event.outcome.value = fork.child;
  event.clone_flags = fork.flags;
  event.clone_flags_known = !fork.clone3;
  return event;
}

inline ProcessEvent made_exec(int32_t pid, int32_t ppid, double ticks,
                              std::string_view exe = "/bin/ls") {
  ProcessEvent event = made(ProcessAction::exec, pid, ppid, ticks);
  event.caller.exe = exe;
  event.caller.comm = exe.substr(exe.rfind('/') + 1);
  event.cwd = "/tmp";
  return event;
}

inline ProcessEvent made_exit(int32_t pid, int32_t ppid, double ticks) {
  ProcessEvent event = made(ProcessAction::exit, pid, ppid, ticks);
  event.outcome = {};
  event.exit_status = 0;
  return event;
}

}  // namespace auditql::test
