// Usage: crash_test [--rounds N]
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <string_view>

#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr TableLimits kLimits{50'000, 0, 64ull << 20};
int rounds = 20;

/// Appends until it is killed; acknowledges through the pipe what is stored for certain.
[[noreturn]] void write_until_killed(const std::string& directory, int pipe_end) {
  auto health = HealthRegion::in_memory();
  auto table = open_table(directory, *health, kLimits);
  for (;;) {
    const uint64_t eid = append_seeded(*table, table->next_eid());
    if (eid % 16 != 0) continue;
    if (write(pipe_end, &eid, sizeof(eid)) != sizeof(eid)) _exit(1);
  }
}

/// Lets a writer run for a moment, kills it, and gives the last eid that it acknowledged.
uint64_t run_and_kill(const std::string& directory, int run_ms) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    write_until_killed(directory, ends[1]);
  }
  close(ends[1]);
  uint64_t acknowledged = 0;
  const auto read_one = [&] {
    return read(ends[0], &acknowledged, sizeof(uint64_t)) == sizeof(uint64_t);
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(run_ms);
  while (read_one() && std::chrono::steady_clock::now() < end) {
  }
  kill(child, SIGKILL);
  while (read_one()) {
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return acknowledged;
}

void nothing_acknowledged_is_lost() {
  ScratchDirectory scratch;
  std::mt19937 random(std::random_device{}());
  uint64_t torn = 0, lost = 0, last_eid = 0;
  for (int i = 0; i < rounds; i++) {
    const uint64_t acknowledged = run_and_kill(scratch.path(), static_cast<int>(5 + random() % 60));
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, kLimits);
    const ScanTotals totals = read_all(*open_reader(scratch.path()));
    torn += totals.torn + totals.disordered;
    if (totals.last_eid < acknowledged) lost += acknowledged - totals.last_eid;
    // The row in flight may have pushed one out already.
    EXPECT(totals.rows + 1 >= std::min(totals.last_eid, kLimits.max_rows));
    EXPECT(totals.rows <= kLimits.max_rows);
    EXPECT_EQ(counter(*health, "damaged_files") + counter(*health, "rebuilt_indexes"), uint64_t{0});
    EXPECT_EQ(counter(*health, "dropped", "damaged"), uint64_t{0});
    EXPECT_EQ(table->next_eid(), totals.last_eid + 1);
    EXPECT(totals.last_eid > last_eid);
    last_eid = totals.last_eid;
  }
  EXPECT_EQ(torn, uint64_t{0});
  EXPECT_EQ(lost, uint64_t{0});
  std::printf("%d rounds of kill -9, %llu rows: %llu torn, %llu acknowledged and lost\n", rounds,
              static_cast<unsigned long long>(last_eid), static_cast<unsigned long long>(torn),
              static_cast<unsigned long long>(lost));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--rounds") rounds = std::atoi(argv[2]);
  claim("nothing acknowledged is lost by kill -9, and no row is torn",
        nothing_acknowledged_is_lost);
  return run_claims();
}
