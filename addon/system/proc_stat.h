#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditql {

/// What identity needs of /proc/PID/stat (proc_pid_stat(5)); pids are of the reader's namespace.
struct ProcStat {
  int32_t pid = 0;
  char state = '?';
  int32_t ppid = 0;  ///< thread group of the real parent, as it is now
  int32_t pgrp = 0;
  int32_t session = 0;  ///< pid of the session leader
  int32_t tty = 0;      ///< tty_nr: device number of the controlling terminal, 0 for none
  int32_t threads = 0;
  uint64_t start_ticks = 0;
  std::string comm;
};

/// What identity needs of /proc/PID/status (proc_pid_status(5)).
struct ProcStatus {
  int32_t tgid = 0;
  int32_t ppid = 0;
  int32_t ns_pid = 0;     ///< last number of NSpid: the pid that the process itself sees
  uint32_t ns_depth = 0;  ///< numbers in NSpid: 1 in the reader's own pid namespace
  uint32_t uid = 0, euid = 0, suid = 0, fsuid = 0;
  uint32_t gid = 0, egid = 0, sgid = 0, fsgid = 0;
};

/// comm may hold spaces, parentheses and newlines, so fields are counted from the last `)`.
std::optional<ProcStat> parse_proc_stat(std::string_view text);
std::optional<ProcStatus> parse_proc_status(std::string_view text);

}  // namespace auditql
