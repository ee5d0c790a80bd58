#include "rows/silent_processes.h"

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {
constexpr uint64_t kSecond = 1'000'000'000;
}

int main(int argc, char** argv) {
  claim("a fork without a record makes its process, and all older ones, silent", [] {
    auto health = HealthRegion::in_memory();
    SilentProcesses silent(*health);
    silent.recorded(900);
    silent.forked(500, 10 * kSecond);
    EXPECT_EQ(silent.settle(11 * kSecond), uint64_t{0});
    EXPECT_EQ(silent.settle(30 * kSecond), uint64_t{501});
    silent.forked(300, 31 * kSecond);
    EXPECT_EQ(silent.settle(60 * kSecond), uint64_t{501});
    silent.forked(700, 61 * kSecond);
    EXPECT_EQ(silent.settle(90 * kSecond), uint64_t{701});
  });

  claim("a record that comes before the fork is due speaks for the process", [] {
    auto health = HealthRegion::in_memory();
    SilentProcesses silent(*health);
    silent.forked(500, kSecond);
    silent.recorded(500);
    EXPECT_EQ(silent.settle(60 * kSecond), uint64_t{0});
    // Processes that are younger than one with records have an audit context.
    silent.forked(600, 61 * kSecond);
    EXPECT_EQ(silent.settle(90 * kSecond), uint64_t{0});
  });

  claim("a record of an older process takes back what was concluded", [] {
    auto health = HealthRegion::in_memory();
    SilentProcesses silent(*health);
    silent.forked(500, kSecond);
    EXPECT_EQ(silent.settle(20 * kSecond), uint64_t{501});
    silent.recorded(400);
    EXPECT_EQ(silent.settle(21 * kSecond), uint64_t{0});
    EXPECT(!silent.is_open(400));
    EXPECT(silent.is_open(399));
  });

  claim("forks of a time with lost records prove nothing", [] {
    auto health = HealthRegion::in_memory();
    SilentProcesses silent(*health);
    silent.forked(500, kSecond);
    silent.forget();
    EXPECT_EQ(silent.settle(60 * kSecond), uint64_t{0});
  });

  claim("a process whose start is not known proves nothing, and the number of forks is bounded",
        [] {
          auto health = HealthRegion::in_memory();
          SilentProcesses silent(*health);
          silent.forked(0, kSecond);
          silent.recorded(0);
          EXPECT_EQ(silent.settle(60 * kSecond), uint64_t{0});
          for (uint64_t start = 1; start < 100'000; start++) silent.forked(start, kSecond);
          EXPECT(silent.settle(60 * kSecond) < 1000);
        });

  claim("what was found is counted in the health table", [] {
    auto health = HealthRegion::in_memory();
    SilentProcesses silent(*health);
    silent.store({3, {"sshd", "bash"}});
    EXPECT_EQ(silent.found().names.size(), size_t{2});
    EXPECT_EQ(health->counter({"capture", "audit", "silent_processes"}).get(), uint64_t{3});
  });
  return run_claims(argc, argv);
}
