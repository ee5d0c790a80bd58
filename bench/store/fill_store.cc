// fill_store STATE_DIRECTORY ROWS [SQLITE_FILE]: makes a process_events table of so many rows and,
// where asked, an SQLite database with the same rows. Prints the bytes that the table takes on
// disk.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "process_rows.h"
#include "sqlite_table.h"
#include "store/event_table.h"

using namespace auditql;

namespace {

uint64_t disk_bytes(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat found;
    if (stat(entry.path().c_str(), &found) == 0 && S_ISREG(found.st_mode)) {
      bytes += static_cast<uint64_t>(found.st_blocks) * 512;
    }
  }
  return bytes;
}

bool fill_store(const std::string& directory, uint64_t rows) {
  const auto health = HealthRegion::in_memory();
  auto table = EventTable::open(kProcessEvents, {directory, {0, 0, 0}}, *health);
  if (!table.ok()) return std::fprintf(stderr, "%s\n", table.error().message.c_str()), false;
  bench::ProcessRows source;
  for (uint64_t i = 0; i < rows; i++) {
    if (table.value()->append(source.make(i)) == 0) return false;
  }
  return true;
}

void fill_sqlite(const char* path, uint64_t rows) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path, &db) != SQLITE_OK) std::exit(1);
  {
    bench::SqliteTable table(db, kProcessEvents);
    table.execute("PRAGMA synchronous = OFF");
    bench::ProcessRows source;
    for (uint64_t i = 0; i < rows; i++) table.append(source.make(i));
    table.finish();
  }
  sqlite3_close(db);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return std::fprintf(stderr, "usage: fill_store STATE_DIRECTORY ROWS [SQLITE_FILE]\n"), 2;
  }
  const uint64_t rows = std::strtoull(argv[2], nullptr, 10);
  if (!fill_store(argv[1], rows)) return 1;
  if (argc > 3) fill_sqlite(argv[3], rows);
  std::printf("{\"storeBytes\":%llu}\n", static_cast<unsigned long long>(
                                             disk_bytes(std::string(argv[1]) + "/process_events")));
  return 0;
}
