#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/audit_decoder.h"
#include "health/health_region.h"

namespace auditql::test {

/// Copies of typed events, for looking at after the sink's call.
struct CollectedProcess {
  ProcessEvent event;  ///< numbers only: its views have ended
  std::vector<std::string> argv;
  std::string comm, exe, cwd, title, key, node, syscall_name, subject, tty;
  std::vector<std::string> path_names;
  std::vector<PathItem> paths;
};

struct CollectedSocket {
  SocketEvent event;
  std::string address, unix_path, raw, cwd, comm, syscall_name;
  SocketAddress side;  ///< local or remote, whichever there is; numbers only
};

class CollectingSink : public EventSink {
 public:
  void on_process(const ProcessEvent& event) override {
    CollectedProcess out;
    out.event = event;
    for (const std::string_view each : event.argv) out.argv.emplace_back(each);
    out.comm = event.caller.comm;
    out.exe = event.caller.exe;
    out.cwd = event.cwd;
    out.title = event.title;
    out.key = event.header.key;
    out.node = event.header.node;
    out.syscall_name = event.header.syscall_name;
    out.subject = event.caller.subject;
    out.tty = event.caller.tty;
    out.paths.assign(event.paths.begin(), event.paths.end());
    for (const PathItem& each : event.paths) out.path_names.emplace_back(each.name);
    processes.push_back(std::move(out));
  }

  void on_socket(const SocketEvent& event) override {
    CollectedSocket out;
    out.event = event;
    out.side = event.action == SocketAction::bind ? event.local : event.remote;
    out.address = out.side.address;
    out.unix_path = out.side.unix_path;
    out.raw = out.side.raw;
    out.cwd = event.cwd;
    out.comm = event.caller.comm;
    out.syscall_name = event.header.syscall_name;
    sockets.push_back(std::move(out));
  }

  std::vector<CollectedProcess> processes;
  std::vector<CollectedSocket> sockets;
};

/// A decoder with everything it needs.
struct DecoderFixture {
  explicit DecoderFixture(const AuditDecoderOptions& options = {})
      : health(HealthRegion::in_memory()), decoder(sink, *health, options) {}

  uint64_t counter(std::string_view metric, std::string_view reason = {}) const {
    uint64_t sum = 0;
    for (const HealthRow& row : health->rows()) {
      const bool any_reason = reason == "*";
      if (row.metric == metric && (any_reason || row.reason == reason)) sum += row.value;
    }
    return sum;
  }

  bool every_record_is_accounted_for() const {
    return counter("seen") == counter("used") + counter("ignored", "*") + counter("dropped", "*");
  }

  std::unique_ptr<HealthRegion> health;
  CollectingSink sink;
  AuditDecoder decoder;
};

}  // namespace auditql::test
