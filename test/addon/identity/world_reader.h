#pragma once

#include <cstdio>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "identity/process_table.h"
#include "process_world.h"
#include "uuid_text.h"

namespace auditql::test {

/// Which process of the world each uuid was given to: one to one, for ever.
class Ledger {
 public:
  void bind(const Uuid& uuid, int id, const char* what) {
    if (!uuid.known()) return;
    const auto [by_uuid, first] = process_of_.emplace(text_of(uuid), id);
    const auto [by_id, fresh] = uuid_of_.emplace(id, text_of(uuid));
    if (by_uuid->second == id && by_id->second == text_of(uuid)) return;
    wrong++;
    if (wrong <= 5) {
      std::fprintf(stderr, "%s: %s was process %d, now %d; process %d was %s\n", what,
                   text_of(uuid).c_str(), by_uuid->second, id, id, by_id->second.c_str());
    }
  }
  int wrong = 0;

 private:
  std::map<std::string, int> process_of_;
  std::map<int, std::string> uuid_of_;
};

struct Vanished final : ProcessSink {
  ProcessWorld* world = nullptr;
  int wrong = 0;
  void on_found(const FoundProcess&) override {}
  void on_vanished(const Identity& identity) override {
    wrong += !identity.estimated && world->lives(identity.pid, identity.start_ticks);
  }
};

enum class Source {
  records,  ///< audit alone
  both,     ///< audit, and the process connector for forks and ends
  connector,
  log  ///< records of audit, read when nobody can ask /proc any more
};

struct Course {
  unsigned seed = 0;
  Source source = Source::records;
  int lost_per_1000 = 0;
  int32_t last_pid = ProcessWorld::kLastPid;
  uint64_t lag_ms = 0;  ///< up to this much between a record and our look at it
};

/// Notes as the process connector gives them.
struct Notes final : ForkHintSource {
  ForkHints hints;
  std::optional<ForkHint> hint_of(const ForkCall& call) override { return hints.find(call); }
};

struct Totals {
  int events = 0, unknown_process = 0, unknown_parent = 0, unknown_child = 0, wrong = 0, forks = 0;
};

inline void check_record(const ProcessWorld::Record& record, const Identity& identity,
                         Ledger& ledger, Totals& totals) {
  totals.events++;
  totals.unknown_process += !identity.known();
  totals.unknown_parent += identity.known() && !identity.parent.known() && identity.pid != 1;
  ledger.bind(identity.process, record.process_id, "process");
  ledger.bind(identity.parent, record.parent_id, "parent");
  if (identity.known() && !identity.estimated) {
    totals.wrong += identity.start_ticks != record.start_ticks;
  }
  if (record.event.action != ProcessAction::fork) return;
  totals.forks++;
  totals.unknown_child += identity.child.kind == ChildKind::unknown;
  if (identity.child.kind == ChildKind::thread) totals.wrong += !record.child_is_thread;
  if (identity.child.kind != ChildKind::process) return;
  totals.wrong += record.child_is_thread;
  ledger.bind(identity.child.process, record.child_id, "child");
  ledger.bind(identity.child.parent, record.child_parent_id, "child's parent");
}

/// A table, and what waits to be read by it.
class Reader {
 public:
  Reader(const Course& course, ProcessWorld& world)
      : course_(course), world_(world), random_(course.seed + 1), table_(options()) {
    vanished_.world = &world;
    table_.scan(world.now());  // nothing to see where there is no /proc
  }

  void take() {
    for (auto& record : world_.take_done()) {
      if (course_.source == Source::connector) continue;
      if (is_lost()) {
        if (course_.source != Source::log) table_.records_lost(world_.now());
      } else {
        records_.push_back(std::move(record));
      }
    }
    for (const WorldTold& told : world_.take_told()) {
      if (has_connector()) take(told);
    }
  }

  /// At once, or once it is late enough.
  void read() {
    if (world_.now() < read_at_ns_) return;
    for (const WorldTold& told : reported_) read_told(told);
    reported_.clear();
    for (; !records_.empty(); records_.pop_front()) {
      const Identity identity = table_.resolve(records_.front().event);
      check_record(records_.front(), identity, ledger_, totals_);
    }
    read_ends();
    const uint64_t lag_ms = course_.lag_ms == 0 ? 0 : random_() % course_.lag_ms;
    read_at_ns_ = world_.now() + lag_ms * 1'000'000;
  }

  void collect() { table_.collect(world_.now()); }

  Totals totals() const {
    Totals totals = totals_;
    totals.wrong += ledger_.wrong + vanished_.wrong;
    return totals;
  }

 private:
  ProcessTableOptions options() {
    ProcessTableOptions options;
    options.boot_id = "boot";
    options.clock = kClock;
    options.procfs = &world_;
    options.sink = &vanished_;
    if (course_.source == Source::log) {
      options.procfs = nullptr;
      options.assume_own_pid_namespace = true;
    }
    if (!has_connector()) return options;
    options.forks = &kernel_;
    options.ends_are_reported = true;
    return options;
  }
  bool has_connector() const {
    return course_.source == Source::both || course_.source == Source::connector;
  }
  bool is_lost() { return random_() % 1000 < static_cast<unsigned>(course_.lost_per_1000); }

  /// Notes are pulled when they are asked for, so that none is late.
  void take(const WorldTold& told) {
    if (is_lost()) {
      kernel_.hints.forget();
      if (course_.source == Source::connector) table_.records_lost(world_.now());
      return;
    }
    if (told.action == ProcessAction::fork) kernel_.hints.add(told.hint);
    reported_.push_back(told);
  }

  void read_told(const WorldTold& told) {
    if (told.action == ProcessAction::exit) {
      table_.expect_end(told.end);
      ends_.push_back(told);
      // Without records an end waits for nothing.
      if (course_.source == Source::connector) read_ends();
      return;
    }
    if (course_.source != Source::connector || told.hint.is_thread()) return;
    const WorldRecord record = record_of(told);
    check_record(record, table_.resolve(record.event), ledger_, totals_);
  }

  /// What the connector tells, and what /proc has by now.
  WorldRecord record_of(const WorldTold& told) {
    WorldRecord record;
    record.event.action = told.action;
    record.event.header = {.time_ns = told.time_ns, .backend = BackendKind::proc_connector};
    record.event.caller.pid = told.pid;
    record.event.outcome = {.known = true, .success = true, .value = told.hint.pid};
    record.event.child_pid = told.hint.pid;
    if (told.action == ProcessAction::exec) {
      record.event.caller.parent = world_.stat(told.pid).value_or(ProcStat{}).ppid;
    }
    record.process_id = told.process_id;
    record.parent_id = told.parent_id;
    record.child_id = told.child_id;
    record.child_parent_id = told.child_parent_id;
    record.start_ticks = told.start_ticks;
    return record;
  }

  void read_ends() {
    std::deque<WorldTold> waiting;
    waiting.swap(ends_);
    for (const WorldTold& told : waiting) {
      const bool is_young = told.time_ns + 2'000'000'000 > world_.now();
      const bool waits = course_.source == Source::both && is_young;
      if (waits && table_.awaits_fork(told.pid)) {
        ends_.push_back(told);
        continue;
      }
      const Identity identity = table_.process_ended(told.end);
      ledger_.bind(identity.process, told.process_id, "ended");
      ledger_.bind(identity.parent, told.parent_id, "parent of the ended");
    }
  }

  const Course course_;
  ProcessWorld& world_;
  std::mt19937 random_;
  Vanished vanished_;
  Notes kernel_;
  ProcessTable table_;
  std::deque<WorldRecord> records_;
  std::deque<WorldTold> reported_, ends_;
  Ledger ledger_;
  Totals totals_;
  uint64_t read_at_ns_ = 0;
};

}  // namespace auditql::test
