#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "audit_host.h"
#include "capture/audit_backend.h"
#include "capture/capture_rules.h"
#include "check.h"

namespace auditql::test {

/// Where captures keep what they found; made by run_capture_claims().
inline std::string state_folder;
inline std::string state_path() { return state_folder + "/audit-status"; }

struct Capture {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  FrameQueue queue{size_t{64} << 20};
  AuditBackend backend;
  RecordCounter counter{queue};

  explicit Capture(AuditBackendOptions options = {.state_path = state_path()})
      : backend(options, *health) {}

  uint64_t metric(std::string_view name, std::string_view reason = {}) {
    return health->counter({"capture", "audit", name, reason}).get();
  }
  bool start() {
    const Status started = backend.start(queue);
    if (!started) fail(__FILE__, __LINE__, started.error().message);
    return started.ok();
  }
};

inline uint32_t kernel_lost() { return AuditNetlink::open().take().status().value().lost; }

inline size_t own_rules() {
  size_t count = 0;
  for (const AuditRule& each : AuditNetlink::open().take().rules().take()) {
    count += each.has_key(kRuleKey) ? 1 : 0;
  }
  return count;
}

inline void run_shell(const std::string& command) {
  EXPECT(!output_of(command + "; echo").empty());
}

/// The claims that `make_claims` makes, on a host whose auditing can be used; it is put back.
inline int run_capture_claims(int argc, char** argv, void (*make_claims)()) {
  Result<AuditNetlink> audit = AuditNetlink::open();
  const bool is_usable = ::geteuid() == 0 && audit && audit.value().status().ok();
  if (!is_usable) {
    std::printf("skipped: needs root and an audit subsystem\n");
    return 0;
  }
  if (const AuditStatus found = audit.value().status().value(); found.enabled == 2 || found.pid) {
    std::printf("skipped: audit rules are locked, or pid %u owns the stream\n", found.pid);
    return 0;
  }
  char folder[] = "/tmp/auditql-live-XXXXXX";
  state_folder = ::mkdtemp(folder);
  AuditHost host;
  // The tests run in a child, so that the host is put back also when they crash.
  const int status = in_child([&] {
    make_claims();
    return run_claims(argc, argv);
  });
  host.restore();
  std::filesystem::remove_all(state_folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace auditql::test
