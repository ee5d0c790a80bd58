// Measures the store on realistic process_events rows: append, count, lookups, ranges, a full scan.
// Usage: store_bench [rows] [directory]
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/event_table.h"
#include "store/generated/event_tables.h"
#include "store/table_reader.h"

using namespace auditql;
using Column = ProcessEventsColumn;

namespace {

constexpr uint64_t kStartNs = 1'763'712'000'000'000'000, kStepNs = 20'000;
constexpr uint16_t at(Column column) { return static_cast<uint16_t>(column); }

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const auto taken = std::chrono::steady_clock::now() - start;
  return std::chrono::duration<double, std::milli>(taken).count();
}

/// CPU time of the thread, the kernel's share included: what a busy machine does not blur.
double cpu_milliseconds() {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double median_ms(int times, const std::function<void()>& work) {
  std::vector<double> taken;
  for (int i = 0; i < times; i++) taken.push_back(milliseconds(work));
  std::nth_element(taken.begin(), taken.begin() + times / 2, taken.end());
  return taken[static_cast<size_t>(times / 2)];
}

/// Rows as a busy build host makes them: 400 programs, unique arguments, few users and directories.
class ProcessRows {
 public:
  ProcessRows() {
    for (int i = 0; i < 400; i++) {
      comms_.push_back("program-" + std::to_string(i));
      paths_.push_back("/usr/lib/package-" + std::to_string(i % 60) + "/bin/" + comms_.back());
      directories_.push_back("/home/builder/work/tree-" + std::to_string(i % 90));
    }
  }

  const Row& make(uint64_t number) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    const size_t program = (random_ >> 33) % 20 * ((random_ >> 40) % 20);
    const int length = std::snprintf(
        arguments_, sizeof(arguments_), "%s%c-c%c--output=/tmp/build/object-%llu.o%c--verbose%c",
        comms_[program].c_str(), 0, 0, static_cast<unsigned long long>(number), 0, 0);
    set_texts(program, static_cast<size_t>(length));
    set_numbers(number);
    return row_;
  }

 private:
  void set_texts(size_t program, size_t arguments) {
    row_.set(Column::path, std::string_view(paths_[program]));
    row_.set(Column::mode, std::string_view("0100755"));
    row_.set(Column::cwd, std::string_view(directories_[program]));
    row_.set(Column::comm, std::string_view(comms_[program]));
    row_.set(Column::args_bytes, std::string_view(arguments_, arguments));
    row_.set(Column::syscall, std::string_view("execve"));
    row_.set(Column::event_type, std::string_view("start"));
    row_.set(Column::event_action, std::string_view("exec"));
    row_.set(Column::tty, std::string_view("pts/3"));
    row_.set(Column::username, std::string_view(program % 7 == 0 ? "root" : "builder"));
    row_.set(Column::arch, std::string_view("x86_64"));
    row_.set(Column::backend, std::string_view("audit"));
  }
  void set_numbers(uint64_t number) {
    const uint64_t uid = number % 7 == 0 ? 0 : 1000;
    row_.set(Column::pid, uint64_t{1000 + number % 100'000});
    row_.set(Column::parent, uint64_t{900 + number / 40 % 5000});
    for (const Column id : {Column::auid, Column::uid, Column::euid, Column::gid, Column::egid}) {
      row_.set(id, uid);
    }
    row_.set(Column::ntime, kStartNs + number * kStepNs);
    row_.set(Column::success, uint64_t{1});
    row_.set(Column::args_count, uint64_t{4});
    for (size_t i = 0; i < 8; i++) {
      uuid_[i] = static_cast<uint8_t>(number >> (8 * i));
      parent_uuid_[i] = static_cast<uint8_t>(number / 40 >> (8 * i));
    }
    row_.set(Column::process_uuid, uuid_);
    row_.set(Column::parent_uuid, parent_uuid_);
  }

  Row row_;
  std::vector<std::string> comms_, paths_, directories_;
  char arguments_[256];
  UuidBytes uuid_{1, 2, 3, 4, 5, 6, 7, 8, 9}, parent_uuid_{};
  uint64_t random_ = 42;
};

uint64_t count_rows(TableReader& reader, const ScanRequest& request) {
  auto scan = reader.scan(reader.snapshot(), request);
  uint64_t rows = 0;
  while (scan->next()) rows++;
  return rows;
}

uint64_t read_every_cell(TableReader& reader) {
  auto scan = reader.scan(reader.snapshot(), {});
  uint64_t bytes = 0;
  while (scan->next()) {
    for (uint16_t column = 0; column < kProcessEvents.columns.size(); column++) {
      bytes += scan->cell(column).bytes.size();
    }
  }
  return bytes;
}

void measure_reads(const std::string& directory, uint64_t rows) {
  auto reader = TableReader::open(kProcessEvents, directory).take();
  uint64_t found = 0;
  const double count = median_ms(101, [&] { found = reader->snapshot().rows(); });
  std::printf("count            %10.4f ms   %llu rows\n", count, (unsigned long long)found);
  ScanRequest by_pid;
  uint64_t pid = 0;
  const double lookup = median_ms(101, [&] {
    by_pid.point = ScanRequest::Point{at(Column::pid), 1000 + (pid += 977) % 100'000, {}};
    found = count_rows(*reader, by_pid);
  });
  std::printf("pid = ?          %10.4f ms   %llu rows\n", lookup, (unsigned long long)found);
  ScanRequest by_time;
  by_time.min_ntime = kStartNs + rows / 2 * kStepNs;
  by_time.max_ntime = by_time.min_ntime + rows / 100 * kStepNs;
  const double range = median_ms(21, [&] { found = count_rows(*reader, by_time); });
  std::printf("1%% of ntime      %10.4f ms   %llu rows\n", range, (unsigned long long)found);
  const double scan = median_ms(5, [&] { found = count_rows(*reader, {}); });
  std::printf("scan, no cell    %10.4f ms   %llu rows\n", scan, (unsigned long long)found);
  const double cells = median_ms(3, [&] { found = read_every_cell(*reader); });
  std::printf("scan, every cell %10.4f ms   %llu bytes of text\n", cells,
              (unsigned long long)found);
}

uint64_t gauge(const HealthRegion& health, const std::string& metric) {
  for (const HealthRow& row : health.rows()) {
    if (row.metric == metric) return row.value;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::string parent = argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
  std::string directory = parent + "/store-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return 1;
  auto health = HealthRegion::in_memory();
  const EventTable::Options options{directory, {rows, 0, 0}};
  auto table = EventTable::open(kProcessEvents, options, *health).take();
  ProcessRows source;
  const double making = cpu_milliseconds();
  for (uint64_t i = 0; i < rows; i++) source.make(i);
  const double made = cpu_milliseconds() - making;
  for (const char* state : {"fresh", "full"}) {
    const double cpu = cpu_milliseconds();
    const double wall = milliseconds([&] {
      for (uint64_t i = 0; i < rows; i++) table->append(source.make(i));
    });
    const double count = static_cast<double>(rows);
    std::printf(
        "append, %-5s    %10.0f rows/s by the clock, %.0f by CPU time; making a row %.0f ns\n",
        state, count / (wall - made) * 1e3, count / (cpu_milliseconds() - cpu - made) * 1e3,
        made * 1e6 / count);
  }
  table->expire(1);
  std::printf("on disk          %10.1f bytes a row\n",
              static_cast<double>(gauge(*health, "bytes")) / static_cast<double>(rows));
  measure_reads(directory, rows);
  table.reset();
  const double opening =
      milliseconds([&] { table = EventTable::open(kProcessEvents, options, *health).take(); });
  std::printf("open and check   %10.1f ms\n", opening);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak resident    %10.1f MB\n", static_cast<double>(usage.ru_maxrss) / 1024);
  table.reset();
  std::filesystem::remove_all(directory);
  return 0;
}
