#include "tracepoint.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace auditql {
namespace {

/// A file system that is mounted nowhere: nobody else sees it, and it ends with the descriptor.
UniqueFd private_mount(const char* type) {
  const UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)));
  if (!context) return UniqueFd();
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return UniqueFd();
  }
  return UniqueFd(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
}

UniqueFd open_directory(const char* path) {
  return UniqueFd(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

Result<Tracepoints> Tracepoints::open() {
  UniqueFd root = open_directory("/sys/kernel/tracing/events");
  const int cause = errno;
  if (!root) {
    const UniqueFd mounted = private_mount("tracefs");
    if (mounted) {
      root.reset(::openat(mounted.get(), "events", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
  }
  if (!root) root = open_directory("/sys/kernel/debug/tracing/events");
  if (!root && cause == ENOENT) {
    return Error{"capture_start_failed",
                 "cannot open tracefs: it is not mounted on /sys/kernel/tracing, and only "
                 "CAP_SYS_ADMIN may mount it",
                 cause};
  }
  if (!root) return Error::from_errno("capture_start_failed", "cannot open tracefs", cause);
  return Tracepoints(std::move(root));
}

Result<UniqueFd> Tracepoints::event(const std::string& name) const {
  const std::string path = name + "/id";
  const UniqueFd file(::openat(root_.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[32] = {};
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0) {
    return Error::from_errno("capture_start_failed", "cannot read the tracepoint " + name);
  }
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof attributes;
  attributes.config = std::strtoull(text, nullptr, 10);
  // A program runs on all CPUs wherever its event is.
  UniqueFd event(static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!event) return Error::from_errno("capture_start_failed", "cannot open the event " + name);
  return event;
}

Result<UniqueFd> open_root_cgroup() {
  const UniqueFd mounted = private_mount("cgroup2");
  UniqueFd root;
  if (mounted) root.reset(::openat(mounted.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) root = open_directory("/sys/fs/cgroup/unified");
  if (!root) root = open_directory("/sys/fs/cgroup");
  if (!root) return Error::from_errno("capture_start_failed", "cannot open the root cgroup");
  return root;
}

}  // namespace auditql
