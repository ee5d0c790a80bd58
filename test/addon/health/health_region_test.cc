#include "health/health_region.h"

#include <unistd.h>

#include <string>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("a counter registered twice is one counter", [] {
    auto region = HealthRegion::in_memory();
    region->counter({"store", "process_events", "stored"}).add(3);
    region->counter({"store", "process_events", "stored"}).add(4);
    const auto rows = region->rows();
    EXPECT_EQ(rows.size(), size_t{1});
    EXPECT_EQ(rows[0].value, uint64_t{7});
    EXPECT_EQ(rows[0].stage, "store");
    EXPECT_EQ(rows[0].reason, "");
  });

  claim("a reader that maps the file sees what the writer counts", [] {
    const std::string path = "/tmp/auditql-health-test-" + std::to_string(::getpid());
    auto writer = HealthRegion::create(path).take();
    const Counter lost = writer->counter({"capture", "audit", "dropped", "kernel_lost"});
    auto reader = HealthRegion::open_read_only(path).take();
    lost.set(42);
    EXPECT_EQ(reader->rows().at(0).value, uint64_t{42});
    EXPECT_EQ(reader->rows().at(0).reason, "kernel_lost");
    ::unlink(path.c_str());
  });

  claim("a file that is not a health region is refused", [] {
    const auto refused = HealthRegion::open_read_only("/proc/self/stat");
    EXPECT(!refused.ok());
    EXPECT_EQ(refused.error().code, "health_map_failed");
  });

  claim("overlong names are cut and stay apart from their metric", [] {
    auto region = HealthRegion::in_memory();
    const std::string name(500, 'q');
    region->counter({"schedule", name, "dropped", "too_big"}).add();
    const auto rows = region->rows();
    EXPECT_EQ(rows[0].metric, "dropped");
    EXPECT_EQ(rows[0].reason, "too_big");
    EXPECT(rows[0].name.size() < name.size());
  });

  claim("when every slot is taken further counters share one that says so", [] {
    auto region = HealthRegion::in_memory();
    for (uint32_t i = 0; i < HealthRegion::kSlots + 100; i++) {
      region->counter({"schedule", std::to_string(i), "seen"}).add();
    }
    const auto rows = region->rows();
    EXPECT_EQ(rows.size(), size_t{HealthRegion::kSlots});
    EXPECT_EQ(rows.back().reason, "slots_full");
    EXPECT_EQ(rows.back().value, uint64_t{101});
  });

  return run_claims(argc, argv);
}
