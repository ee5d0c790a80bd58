#pragma once

#include <string>

#include "../../system/result.h"
#include "../../system/unique_fd.h"

namespace auditql {

/// What to do where Tracepoints::open() fails.
inline constexpr char kMountTracefs[] =
    "run as root, or mount it (mount -t tracefs nodev /sys/kernel/tracing) and add "
    "CAP_DAC_READ_SEARCH to AmbientCapabilities= of the systemd unit";

/// The tracepoints of the kernel by name. Needs no mounted tracefs.
class Tracepoints {
 public:
  /// Errors: capture_start_failed where there is no tracefs.
  static Result<Tracepoints> open();
  /// A perf event of `syscalls/sys_exit_connect` or the like, on all CPUs, to attach a program to.
  /// Errors: capture_start_failed; ENOENT for one that this kernel does not have.
  Result<UniqueFd> event(const std::string& name) const;

 private:
  explicit Tracepoints(UniqueFd root) : root_(std::move(root)) {}
  UniqueFd root_;
};

/// The root of the cgroup v2 hierarchy as a directory. Errors: capture_start_failed.
Result<UniqueFd> open_root_cgroup();

}  // namespace auditql
