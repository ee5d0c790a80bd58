#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace auditql {

enum class TaskAction : uint8_t { fork, exec, exit };

/// One message of the kernel's process connector. All numbers are of the initial pid namespace;
/// `pid` is a thread, `tgid` its process.
struct TaskEvent {
  TaskAction action = TaskAction::fork;
  uint64_t monotonic_ns = 0;  ///< CLOCK_MONOTONIC of the event
  int32_t pid = 0, tgid = 0;  ///< fork: the new task
  /// Of the real parent; with CLONE_PARENT and CLONE_THREAD that is the caller's parent. 0 where
  /// the kernel does not tell (exec; exits before Linux 4.18).
  int32_t parent_pid = 0, parent_tgid = 0;
  uint32_t wait_status = 0;  ///< exit: task->exit_code, laid out as wait(2) gives it
};

/// Takes apart `struct proc_event` of include/uapi/linux/cn_proc.h; absent for messages that are
/// cut short or of another kind.
std::optional<TaskEvent> parse_proc_event(std::string_view bytes);

/// How a process ended: exactly one is present.
struct EndOfTask {
  std::optional<int32_t> status;  ///< 0..255, as given to exit(2)
  std::optional<int32_t> signal;
};

EndOfTask end_of(uint32_t wait_status);

}  // namespace auditql
