#include <cstdio>
#include <cstdlib>

#include "check.h"
#include "world_reader.h"

using namespace auditql;
using namespace auditql::test;

namespace {

Totals run(const Course& course, int steps) {
  ProcessWorld world(course.seed, course.last_pid);
  Reader reader(course, world);
  for (int i = 0; i < steps; i++) {
    world.step();
    reader.take();
    if (i % 100 == 0) reader.collect();
    reader.read();
  }
  return reader.totals();
}

void report(const char* what, const Totals& t) {
  std::printf(
      "%s: %d events, %d forks; unknown: %d processes, %d parents, %d children; wrong: %d\n", what,
      t.events, t.forks, t.unknown_process, t.unknown_parent, t.unknown_child, t.wrong);
}

/// Others than those of every run, for long ones.
unsigned first_seed() {
  const char* seed = std::getenv("AUDITQL_IDENTITY_SEED");
  return seed == nullptr ? 100 : static_cast<unsigned>(std::atoi(seed));
}

Totals run_all(Course course, const char* what) {
  const char* rounds = std::getenv("AUDITQL_IDENTITY_ROUNDS");
  Totals sum;
  for (int round = 0; round < (rounds == nullptr ? 6 : std::atoi(rounds)); round++) {
    course.seed = first_seed() + static_cast<unsigned>(round);
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
    EXPECT(t.unknown_process * 10 < t.events);
  });

  claim("with one record in fifty lost, no link is wrong", [] {
    const Totals t = run_all({.lost_per_1000 = 20, .lag_ms = 50}, "2 % lost, up to 50 ms late");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 10 < t.events);
  });

  claim("with a third of all records lost and read late, no link is wrong", [] {
    EXPECT_EQ(run_all({.lost_per_1000 = 330, .lag_ms = 300}, "33 % lost, late").wrong, 0);
  });

  claim("with the connector beside audit, no link is wrong and few are unknown", [] {
    const Totals t = run_all({.source = Source::both}, "told, no loss, no lag");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 100 < t.events);
    EXPECT(t.unknown_child * 20 < t.forks);
  });

  claim("with both read late and in part lost, no link is wrong", [] {
    EXPECT_EQ(run_all({.source = Source::both, .lag_ms = 400}, "told, late").wrong, 0);
    const Course lossy{.source = Source::both, .lost_per_1000 = 50, .lag_ms = 100};
    EXPECT_EQ(run_all(lossy, "told, 5 % lost, late").wrong, 0);
  });

  claim("of the connector alone, no link is wrong", [] {
    const Totals t = run_all({.source = Source::connector}, "connector, no loss, no lag");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 100 < t.events);
    EXPECT_EQ(run_all({.source = Source::connector, .lag_ms = 400}, "connector, late").wrong, 0);
    const Course lossy{.source = Source::connector, .lost_per_1000 = 50, .lag_ms = 100};
    EXPECT_EQ(run_all(lossy, "connector, 5 % lost, late").wrong, 0);
  });

  claim("of a log alone, no link is wrong", [] {
    const Totals t =
        run_all({.source = Source::log, .last_pid = ProcessWorld::kManyPids}, "log, no loss");
    EXPECT_EQ(t.wrong, 0);
    EXPECT(t.unknown_process * 100 < t.events);
    EXPECT(t.unknown_child * 4 < t.forks);
  });

  return run_claims(argc, argv);
}
