#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

uint64_t disk_bytes(const ScratchDirectory& scratch) {
  uint64_t bytes = 0;
  for (const char* part : {"segment-", "spare"}) {
    for (const std::string& path : scratch.files(part)) {
      struct stat status;
      if (stat(path.c_str(), &status) == 0) bytes += static_cast<uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

void max_rows_holds_to_the_row() {
  for (const uint64_t max_rows : {1, 2, 63, 64, 65, 1000, 5000}) {
    ScratchDirectory scratch;
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, {max_rows, 0, 0});
    auto reader = open_reader(scratch.path());
    for (uint64_t seed = 1; seed <= 3 * max_rows + 7; seed++) {
      EXPECT_EQ(append_seeded(*table, seed), seed);
      EXPECT_EQ(table->next_eid() - table->first_eid(), std::min(seed, max_rows));
    }
    const ScanTotals totals = read_all(*reader);
    EXPECT_EQ(totals.rows, max_rows);
    EXPECT_EQ(totals.torn + totals.disordered, uint64_t{0});
    EXPECT_EQ(totals.last_eid, 3 * max_rows + 7);
    EXPECT_EQ(counter(*health, "dropped", "max_rows"), 2 * max_rows + 7);
    EXPECT_EQ(counter(*health, "rows"), max_rows);
    EXPECT_EQ(counter(*health, "stored"), 3 * max_rows + 7);
  }
}

void max_bytes_is_never_passed() {
  for (const uint64_t max_bytes : {1ull << 20, 4ull << 20, 16ull << 20}) {
    ScratchDirectory scratch;
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, {0, 0, max_bytes});
    uint64_t most = 0, stored = 0;
    for (uint64_t seed = 1; seed <= 200'000; seed++) {
      stored += append_seeded(*table, seed) != 0 ? 1 : 0;
      if (seed % 512 == 0) most = std::max(most, disk_bytes(scratch));
    }
    EXPECT_EQ(stored, uint64_t{200'000});
    EXPECT(most <= max_bytes);
    EXPECT(most > max_bytes / 2);
    EXPECT_EQ(counter(*health, "bytes"), disk_bytes(scratch));
    auto reader = open_reader(scratch.path());
    const ScanTotals totals = read_all(*reader);
    EXPECT_EQ(totals.rows + counter(*health, "dropped", "max_bytes"), stored);
    EXPECT_EQ(totals.torn, uint64_t{0});
  }
}

void rows_expire_by_age_to_the_row() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {1000, 60, 0});
  for (uint64_t second = 1; second <= 500; second++)
    append_seeded(*table, second, second * kSecond);
  table->expire(30 * kSecond);
  EXPECT_EQ(table->first_eid(), uint64_t{1});
  table->expire(300 * kSecond);
  EXPECT_EQ(table->first_eid(), uint64_t{240});
  EXPECT_EQ(counter(*health, "dropped", "expired"), uint64_t{239});
  table->expire(900 * kSecond);
  EXPECT_EQ(table->first_eid(), uint64_t{501});
  EXPECT_EQ(disk_bytes(scratch), uint64_t{0});
  EXPECT_EQ(append_seeded(*table, 501, 901 * kSecond), uint64_t{501});
  EXPECT_EQ(read_all(*open_reader(scratch.path())).rows, uint64_t{1});
}

void a_row_from_the_future_does_not_stop_expiry() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {0, 60, 0});
  append_seeded(*table, 1, 1'000'000 * kSecond);
  append_seeded(*table, 2, 100 * kSecond);
  append_seeded(*table, 3, 990 * kSecond);
  table->expire(1000 * kSecond);
  EXPECT_EQ(table->first_eid(), uint64_t{3});
}

void unread_rows_are_counted_apart() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {100, 60, 0});
  table->set_read_below(31);
  for (uint64_t seed = 1; seed <= 150; seed++) append_seeded(*table, seed, seed * kSecond);
  EXPECT_EQ(counter(*health, "dropped", "max_rows"), uint64_t{50});
  EXPECT_EQ(counter(*health, "dropped_unread", "max_rows"), uint64_t{20});
  table->set_read_below(61);
  table->expire(121 * kSecond);  // rows up to 60 go
  EXPECT_EQ(counter(*health, "dropped", "expired"), uint64_t{10});
  EXPECT_EQ(counter(*health, "dropped_unread", "expired"), uint64_t{0});
  table->expire(131 * kSecond);
  EXPECT_EQ(counter(*health, "dropped_unread", "expired"), uint64_t{10});
}

void new_limits_hold_from_the_next_call() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {0, 0, 0});
  for (uint64_t seed = 1; seed <= 5000; seed++) append_seeded(*table, seed, seed * kSecond);
  table->set_limits({100, 0, 0});
  append_seeded(*table, 5001);
  EXPECT_EQ(table->first_eid(), uint64_t{4902});
  table->set_limits({50, 0, 0});
  table->expire(1);
  EXPECT_EQ(table->first_eid(), uint64_t{4952});
  table->set_limits({0, 1, 0});
  table->expire(10'000 * kSecond);
  EXPECT_EQ(table->first_eid(), uint64_t{5002});
}

void megabytes_of_arguments_are_stored_whole() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {0, 0, 64ull << 20});
  const std::string arguments(6'300'000, 'a');
  Row row;
  row.set(SampleColumn::args, std::string_view(arguments));
  for (uint64_t eid = 1; eid <= 30; eid++) EXPECT_EQ(table->append(row), eid);
  EXPECT(disk_bytes(scratch) <= 64ull << 20);
  auto reader = open_reader(scratch.path());
  auto scan = reader->scan(reader->snapshot(), {});
  uint64_t rows = 0;
  for (; scan->next(); rows++) EXPECT(scan->cell(at(SampleColumn::args)).bytes == arguments);
  EXPECT(rows >= 4);
}

void a_row_too_big_is_refused_and_counted() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {0, 0, 8ull << 20});
  append_seeded(*table, 1);
  const std::string arguments(5ull << 20, 'a');
  Row row;
  row.set(SampleColumn::args, std::string_view(arguments));
  EXPECT_EQ(table->append(row), uint64_t{0});
  EXPECT_EQ(counter(*health, "refused", "too_big"), uint64_t{1});
  EXPECT_EQ(append_seeded(*table, 2), uint64_t{2});
}

void a_scan_outlives_the_eviction_of_its_rows() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {1000, 0, 0});
  for (uint64_t seed = 1; seed <= 1000; seed++) append_seeded(*table, seed);
  auto reader = open_reader(scratch.path());
  const Snapshot old = reader->snapshot();
  auto scan = reader->scan(old, {});
  for (uint64_t seed = 1001; seed <= 5000; seed++) append_seeded(*table, seed);
  uint64_t rows = 0;
  for (; scan->next(); rows++) EXPECT(SeededRow::is_whole(*scan));
  EXPECT_EQ(rows, uint64_t{1000});
  EXPECT_EQ(scan->evicted(), uint64_t{0});
  reader->snapshot();
  auto late = reader->scan(old, {});
  EXPECT(!late->next());
  EXPECT_EQ(late->evicted(), uint64_t{1000});
}

}  // namespace

int main(int argc, char** argv) {
  claim("max_rows holds to the row", max_rows_holds_to_the_row);
  claim("max_bytes of room on disk are never passed", max_bytes_is_never_passed);
  claim("rows expire by age, to the row, and leave nothing on disk", rows_expire_by_age_to_the_row);
  claim("a row from the future does not stop expiry", a_row_from_the_future_does_not_stop_expiry);
  claim("rows dropped unread are counted apart", unread_rows_are_counted_apart);
  claim("new limits hold from the next call", new_limits_hold_from_the_next_call);
  claim("megabytes of arguments are stored whole", megabytes_of_arguments_are_stored_whole);
  claim("a row too big is refused and counted", a_row_too_big_is_refused_and_counted);
  claim("a scan outlives the eviction of its rows", a_scan_outlives_the_eviction_of_its_rows);
  return run_claims(argc, argv);
}
