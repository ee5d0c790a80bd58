// Usage: concurrency_test [--seconds N]
#include <atomic>
#include <chrono>
#include <random>
#include <string_view>
#include <thread>

#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

int seconds = 5;
constexpr uint64_t kMostRows = 40'000;

struct Totals {
  std::atomic<uint64_t> appended{0}, scanned{0}, scans{0}, torn{0}, wrong{0};
};

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

void write_rows(EventTable& table, const std::atomic<bool>& stop, Totals& totals) {
  while (!stop) {
    const uint64_t eid = append_seeded(table, table.next_eid(), now_ns());
    totals.wrong += eid + 1 != table.next_eid() ? 1 : 0;
    totals.appended++;
  }
}

/// Reload: other limits, scheduled queries that get on, expiry, and a flush now and then.
void change_limits(EventTable& table, const std::atomic<bool>& stop) {
  std::mt19937 random(7);
  while (!stop) {
    TableLimits limits;
    limits.max_rows = 1 + random() % kMostRows;
    limits.expiry_seconds = random() % 2;
    limits.max_bytes = (1 + random() % 16) << 20;
    table.set_limits(limits);
    table.set_read_below(table.first_eid() + random() % 1000);
    table.expire(now_ns());
    if (random() % 32 == 0) EXPECT(table.flush().ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

ScanRequest any_request(std::mt19937& random, const Snapshot& snapshot) {
  ScanRequest request;
  request.descending = random() % 2 == 0;
  if (random() % 2 == 0) {
    request.min_eid = snapshot.first_eid + random() % (snapshot.rows() + 1);
    request.max_eid = request.min_eid + random() % 5000;
  }
  if (random() % 2 == 0) {
    request.point = ScanRequest::Point{at(SampleColumn::pid), random() % 5000, {}};
  }
  return request;
}

void read_rows(const std::string& directory, const std::atomic<bool>& stop, Totals& totals) {
  auto reader = open_reader(directory);
  std::mt19937 random(std::random_device{}());
  uint64_t last_first = 0, last_end = 0;
  while (!stop) {
    const Snapshot snapshot = reader->snapshot();
    totals.wrong += snapshot.first_eid < last_first || snapshot.end_eid < last_end ? 1 : 0;
    totals.wrong += snapshot.missing;
    last_first = snapshot.first_eid;
    last_end = snapshot.end_eid;
    const ScanRequest request = any_request(random, snapshot);
    auto scan = reader->scan(snapshot, request);
    uint64_t rows = 0;
    for (; scan->next(); rows++) {
      const auto seed = static_cast<uint64_t>(scan->cell(at(SampleColumn::sum)).number);
      totals.wrong += seed != scan->eid() ? 1 : 0;
      totals.torn += SeededRow::is_whole(*scan) ? 0 : 1;
    }
    const bool everything = !request.point && request.min_eid == 0;
    totals.wrong += everything && rows != snapshot.rows() ? 1 : 0;
    totals.wrong += scan->evicted() + (scan->damaged() ? 1 : 0);
    totals.scanned += rows;
    totals.scans++;
    if (random() % 8 == 0) reader->release();
  }
}

void readers_and_a_writer_do_not_disturb_each_other() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {kMostRows, 0, 0});
  std::atomic<bool> stop{false};
  Totals totals;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { write_rows(*table, stop, totals); });
  threads.emplace_back([&] { change_limits(*table, stop); });
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&] { read_rows(scratch.path(), stop, totals); });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT(totals.scans > 0);
  EXPECT_EQ(totals.torn.load(), uint64_t{0});
  EXPECT_EQ(totals.wrong.load(), uint64_t{0});
  EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{0});
  std::printf("%llu rows appended, %llu read in %llu scans, %llu torn\n",
              static_cast<unsigned long long>(totals.appended),
              static_cast<unsigned long long>(totals.scanned),
              static_cast<unsigned long long>(totals.scans),
              static_cast<unsigned long long>(totals.torn));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--seconds") seconds = std::atoi(argv[2]);
  claim("a writer, four readers, expiry and changing limits do not disturb each other",
        readers_and_a_writer_do_not_disturb_each_other);
  return run_claims();
}
