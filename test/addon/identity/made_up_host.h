#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "event_maker.h"
#include "identity/process_table.h"
#include "proc_tree.h"
#include "uuid_text.h"

namespace auditql::test {

struct Seen final : ProcessSink {
  std::vector<std::pair<int32_t, Uuid>> found;
  std::vector<int32_t> vanished;
  std::map<int32_t, Uuid> parents;
  void on_found(const FoundProcess& process) override {
    found.emplace_back(process.identity.pid, process.identity.process);
    parents[process.identity.pid] = process.identity.parent;
  }
  void on_vanished(const Identity& identity) override { vanished.push_back(identity.pid); }
};

/// A host with init (1) and a shell (100), scanned at tick 1000.
struct Host {
  ProcTree tree;
  Seen seen;
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  ProcessTable table;

  explicit Host(SlotLimits limits = {}) : table(options(limits)) {
    tree.put({.pid = 1, .ppid = 0, .start_ticks = 1, .session = 1, .comm = "systemd"});
    tree.put({.pid = 100, .start_ticks = 500, .session = 100});
    table.scan(at(1000));
  }
  ProcessTableOptions options(SlotLimits limits) {
    ProcessTableOptions options;
    options.boot_id = "boot";
    options.clock = kClock;
    options.procfs = &tree.proc();
    options.sink = &seen;
    options.health = health.get();
    options.limits = limits;
    return options;
  }
  Uuid shell() { return process_uuid("boot", 100, 500); }
  uint64_t count(std::string_view metric) {
    for (const HealthRow& row : health->rows()) {
      if (row.metric == metric) return row.value;
    }
    return 0;
  }
};

}  // namespace auditql::test
