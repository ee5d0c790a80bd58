#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "check.h"
#include "pipeline/engine.h"
#include "store/generated/event_tables.h"
#include "system/clocks.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uint64_t kMinute = 60'000'000'000;

void rows_grow_old_in_every_table() {
  char pattern[] = "/tmp/auditql-keeper-XXXXXX";
  const std::string directory = ::mkdtemp(pattern);
  {
    EngineOptions options;
    options.state_directory = directory;
    for (const TableSpec* spec : kEventTables) {
      options.limits[std::string(spec->name)].expiry_seconds = 60;
    }
    auto engine = Engine::open(options);
    EXPECT(engine.ok());
    const uint64_t now = wall_clock_ns();
    for (const TableSpec* spec : kEventTables) {
      Row row;
      row.set(spec->ntime, now - 2 * kMinute);
      EXPECT_EQ(engine.value()->table(spec->name)->append(row), uint64_t{1});
      row.set(spec->ntime, now + kMinute);
      EXPECT_EQ(engine.value()->table(spec->name)->append(row), uint64_t{2});
    }
    for (const TableSpec* spec : kEventTables) {
      const EventTable& table = *engine.value()->table(spec->name);
      while (table.first_eid() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      EXPECT_EQ(table.next_eid() - table.first_eid(), uint64_t{1});
    }
  }
  std::filesystem::remove_all(directory);
}

}  // namespace

int main() {
  claim("rows grow old in every table while nothing is captured or published",
        rows_grow_old_in_every_table);
  return run_claims();
}
