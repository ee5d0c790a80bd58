// insert_rows DIRECTORY ROWS ROUNDS: inserts the same rows into the event store, into SQLite and,
// where its headers are installed, into RocksDB, which osquery keeps its events in; one thread, by
// turns. Prints a JSON object per turn. The time that making a row takes is measured in each round
// and left out.
#include <sys/stat.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "process_rows.h"
#include "sqlite_table.h"
#include "store/event_table.h"
#ifdef AUDITQL_BENCH_ROCKSDB
#include "rocksdb_table.h"
#endif

using namespace auditql;

namespace {

struct Seconds {
  double wall = 0, cpu = 0;
};

Seconds now() {
  struct timespec cpu;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(wall).count(),
          static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9};
}

/// One round: the same rows for each contender.
class Round {
 public:
  Round(std::string directory, uint64_t rows) : directory_(std::move(directory)), rows_(rows) {
    bench::ProcessRows source;
    uint64_t bytes = 0;
    const Seconds start = now();
    for (uint64_t i = 0; i < rows_; i++) {
      // Takes a cell of each row, so that no row can be left unmade.
      bytes += source.make(i).cell(static_cast<size_t>(ProcessEventsColumn::pid)).number;
    }
    const Seconds end = now();
    making_ = {end.wall - start.wall, end.cpu - start.cpu};
    report("making rows", {0, 0}, bytes > 0 ? making_ : Seconds{}, 0);
  }

  void insert_into_store() {
    const std::string directory = scratch("store");
    const auto health = HealthRegion::in_memory();
    auto table = EventTable::open(kProcessEvents, {directory, {rows_, 0, 0}}, *health).take();
    time("auditql, new table", [&](const Row& row) { table->append(row); });
    // Every row pushes out the oldest one now: what a table that runs for a while does.
    time("auditql, full table", [&](const Row& row) { table->append(row); });
    table.reset();
    std::filesystem::remove_all(directory);
  }

  void insert_into_sqlite(const char* name, bool in_memory, bool indexed) {
    const std::string directory = scratch("sqlite");
    sqlite3* db = nullptr;
    const std::string path = in_memory ? ":memory:" : directory + "/rows.db";
    if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) std::exit(1);
    {
      bench::SqliteTable table(db, kProcessEvents);
      // What better-sqlite3 is compiled with.
      table.execute("PRAGMA cache_size = -16000");
      if (!in_memory) table.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      if (indexed) table.create_indexes();
      time(
          name, [&](const Row& row) { table.append(row); }, [&] { table.finish(); });
    }
    sqlite3_close(db);
    std::filesystem::remove_all(directory);
  }

#ifdef AUDITQL_BENCH_ROCKSDB
  void insert_into_rocksdb() {
    const std::string directory = scratch("rocksdb");
    {
      bench::RocksdbTable table(directory, kProcessEvents);
      time(
          "RocksDB", [&](const Row& row) { table.append(row); }, [&] { table.finish(); });
    }
    std::filesystem::remove_all(directory);
  }
#endif

 private:
  std::string scratch(const char* name) const {
    const std::string path = directory_ + "/" + name;
    std::filesystem::create_directories(path);
    return path;
  }

  void time(
      const char* name, const std::function<void(const Row&)>& append,
      const std::function<void()>& finish = [] {}) {
    bench::ProcessRows source;
    const Seconds start = now();
    for (uint64_t i = 0; i < rows_; i++) append(source.make(i));
    finish();
    report(name, start, now(), 1);
  }

  void report(const char* name, Seconds start, Seconds end, double without_making) const {
    std::printf("{\"contender\":\"%s\",\"rows\":%llu,\"seconds\":%.6f,\"cpuSeconds\":%.6f}\n", name,
                static_cast<unsigned long long>(rows_),
                end.wall - start.wall - without_making * making_.wall,
                end.cpu - start.cpu - without_making * making_.cpu);
    std::fflush(stdout);
  }

  std::string directory_;
  uint64_t rows_;
  Seconds making_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: insert_rows DIRECTORY ROWS ROUNDS\n"), 2;
  const uint64_t rows = std::strtoull(argv[2], nullptr, 10);
  const int rounds = std::atoi(argv[3]);
  // As better-sqlite3 is compiled.
  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  for (int i = 0; i < rounds; i++) {
    Round round(argv[1], rows);
    round.insert_into_store();
    round.insert_into_sqlite("SQLite :memory:, native", true, true);
    round.insert_into_sqlite("SQLite :memory:, native, no index", true, false);
    round.insert_into_sqlite("SQLite WAL, native", false, true);
#ifdef AUDITQL_BENCH_ROCKSDB
    round.insert_into_rocksdb();
#endif
  }
  return 0;
}
