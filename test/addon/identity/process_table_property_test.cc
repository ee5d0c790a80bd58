#include <cstdio>
#include <cstdlib>

#include "check.h"
#include "identity/process_table.h"
#include "process_world.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Which process of the world each uuid was given to: one to one, for ever.
class Ledger {
 public:
  void bind(const Uuid& uuid, int id, const char* what) {
    if (!uuid.known()) return;
    const auto [by_uuid, first] = process_of_.emplace(uuid.text(), id);
    const auto [by_id, fresh] = uuid_of_.emplace(id, uuid.text());
    if (by_uuid->second == id && by_id->second == uuid.text()) return;
    wrong++;
    if (wrong <= 5) {
      std::fprintf(stderr, "%s: %s was process %d, now %d; process %d was %s\n", what,
                   uuid.text().c_str(), by_uuid->second, id, id, by_id->second.c_str());
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

struct Course {
  unsigned seed = 0;
  int lost_per_1000 = 0;
  uint64_t lag_ms = 0;  ///< up to this much between a record and our look at it
};

struct Totals {
  int events = 0, unknown_process = 0, unknown_parent = 0, unknown_child = 0, wrong = 0, forks = 0;
};

void check_record(const ProcessWorld::Record& record, const Identity& identity, Ledger& ledger,
                  Totals& totals) {
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

Totals run(const Course& course, int steps) {
  ProcessWorld world(course.seed);
  Vanished vanished;
  vanished.world = &world;
  ProcessTableOptions options;
  options.boot_id = "boot";
  options.clock = kClock;
  options.procfs = &world;
  options.sink = &vanished;
  ProcessTable table(options);
  table.scan(world.now());

  std::mt19937 random(course.seed + 1);
  std::deque<ProcessWorld::Record> queue;
  Ledger ledger;
  Totals totals;
  uint64_t read_at_ns = 0;
  for (int i = 0; i < steps; i++) {
    world.step();
    for (auto& record : world.take_done()) {
      const bool lost = random() % 1000 < static_cast<unsigned>(course.lost_per_1000);
      if (lost) table.records_lost(world.now());
      if (!lost) queue.push_back(std::move(record));
    }
    if (i % 100 == 0) table.collect(world.now());
    if (world.now() < read_at_ns) continue;
    for (; !queue.empty(); queue.pop_front()) {
      check_record(queue.front(), table.resolve(queue.front().event), ledger, totals);
    }
    read_at_ns = world.now() + (course.lag_ms == 0 ? 0 : random() % course.lag_ms) * 1'000'000;
  }
  totals.wrong += ledger.wrong + vanished.wrong;
  return totals;
}

void report(const char* what, const Totals& t) {
  std::printf(
      "%s: %d events, %d forks; unknown: %d processes, %d parents, %d children; wrong: %d\n", what,
      t.events, t.forks, t.unknown_process, t.unknown_parent, t.unknown_child, t.wrong);
}

Totals run_all(Course course, const char* what) {
  const char* rounds = std::getenv("AUDITQL_IDENTITY_ROUNDS");
  Totals sum;
  for (int round = 0; round < (rounds == nullptr ? 6 : std::atoi(rounds)); round++) {
    course.seed = 100 + static_cast<unsigned>(round);
    const Totals t = run(course, 20'000);
    if (t.wrong != 0) std::fprintf(stderr, "seed %u: %d wrong\n", course.seed, t.wrong);
    sum.events += t.events;
    sum.forks += t.forks;
    sum.unknown_process += t.unknown_process;
    sum.unknown_parent += t.unknown_parent;
    sum.unknown_child += t.unknown_child;
    sum.wrong += t.wrong;
  }
  report(what, sum);
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  claim("read at once and without loss, no link is wrong and few are unknown", [] {
    const Totals t = run_all({.lost_per_1000 = 0, .lag_ms = 0}, "no loss, no lag");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 100 < t.events);
    EXPECT(t.unknown_parent * 25 < t.events);
    EXPECT(t.unknown_child * 10 < t.forks);
  });

  claim("read late, when much has ended and pids have moved on, no link is wrong", [] {
    const Totals t = run_all({.lost_per_1000 = 0, .lag_ms = 400}, "no loss, up to 400 ms late");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 20 < t.events);
  });

  claim("with one record in fifty lost, no link is wrong", [] {
    const Totals t = run_all({.lost_per_1000 = 20, .lag_ms = 50}, "2 % lost, up to 50 ms late");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 10 < t.events);
  });

  claim("with a third of all records lost and read late, no link is wrong", [] {
    EXPECT_EQ(run_all({.lost_per_1000 = 330, .lag_ms = 300}, "33 % lost, late").wrong, 0);
  });

  return run_claims(argc, argv);
}
