#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "store_fixture.h"
#include "system/memory_directory.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// A filesystem of its own size below a scratch directory.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    mounted_ = mount("tmpfs", scratch_.path().c_str(), "tmpfs", 0, size) == 0;
    if (!mounted_) std::printf("skipped: mounting a tmpfs needs root: %s\n", std::strerror(errno));
  }
  ~SmallDisk() {
    if (mounted_) umount(scratch_.path().c_str());
  }
  bool mounted() const { return mounted_; }
  const ScratchDirectory& scratch() const { return scratch_; }

 private:
  ScratchDirectory scratch_;
  bool mounted_;
};

void expect_nothing_uncounted(const std::string& directory, const HealthRegion& health,
                              uint64_t offered) {
  const ScanTotals totals = read_all(*open_reader(directory));
  EXPECT_EQ(totals.torn + totals.disordered, uint64_t{0});
  uint64_t dropped = 0;
  for (const char* reason : {"disk_full", "max_rows", "max_bytes", "expired"}) {
    dropped += counter(health, "dropped", reason);
  }
  for (const char* reason : {"disk_full", "disk_error", "too_big"}) {
    dropped += counter(health, "refused", reason);
  }
  EXPECT_EQ(totals.rows + dropped, offered);
}

void the_oldest_rows_make_room_on_a_full_disk() {
  SmallDisk disk("size=4m");
  if (!disk.mounted()) return;
  auto health = HealthRegion::in_memory();
  // Segments of 4096 rows, of which the disk holds a few.
  auto table = open_table(disk.scratch().path(), *health, {40'000, 0, 0});
  uint64_t last_eid = 0;
  for (uint64_t seed = 1; seed <= 100'000; seed++) last_eid = append_seeded(*table, seed);
  EXPECT_EQ(last_eid, uint64_t{100'000});
  EXPECT_EQ(counter(*health, "refused", "disk_full"), uint64_t{0});
  EXPECT(counter(*health, "dropped", "disk_full") > 0);
  EXPECT(counter(*health, "rows") > 10'000);
  expect_nothing_uncounted(disk.scratch().path(), *health, 100'000);
}

void one_segment_alone_fills_the_disk_without_harm() {
  SmallDisk disk("size=6m");
  if (!disk.mounted()) return;
  auto health = HealthRegion::in_memory();
  auto table = open_table(disk.scratch().path(), *health, {0, 0, 0});
  for (uint64_t seed = 1; seed <= 100'000; seed++) append_seeded(*table, seed);
  EXPECT(counter(*health, "rows") > 10'000);
  expect_nothing_uncounted(disk.scratch().path(), *health, 100'000);
  const uint64_t rows = counter(*health, "rows");
  table.reset();
  table = open_table(disk.scratch().path(), *health, {0, 0, 0});
  EXPECT_EQ(counter(*health, "rows"), rows);
  EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{0});
}

void a_disk_filled_by_others_is_an_error_value() {
  SmallDisk disk("size=6m");
  if (!disk.mounted()) return;
  auto health = HealthRegion::in_memory();
  auto table = open_table(disk.scratch().path(), *health, {40'000, 0, 0});
  uint64_t seed = 0;
  for (; seed < 5000; seed++) append_seeded(*table, seed + 1);
  std::ofstream hog(disk.scratch().path() + "/hog");
  while (hog.write(std::string(65536, 'h').data(), 65536).flush()) {
  }
  uint64_t refused = 0;
  for (; seed < 40'000; seed++) refused += append_seeded(*table, seed + 1) == 0 ? 1 : 0;
  EXPECT(counter(*health, "dropped", "disk_full") > 0);
  EXPECT_EQ(counter(*health, "refused", "disk_full"), refused);
  expect_nothing_uncounted(disk.scratch().path(), *health, seed);
  std::filesystem::remove(disk.scratch().path() + "/hog");
  EXPECT(append_seeded(*table, seed + 1) != 0);
  expect_nothing_uncounted(disk.scratch().path(), *health, seed + 1);
}

void rows_that_find_no_room_are_refused() {
  SmallDisk disk("size=6m");
  if (!disk.mounted()) return;
  std::ofstream hog(disk.scratch().path() + "/hog");
  auto health = HealthRegion::in_memory();
  auto table = open_table(disk.scratch().path(), *health, {40'000, 0, 0});
  while (hog.write(std::string(65536, 'h').data(), 65536).flush()) {
  }
  hog.close();
  uint64_t refused = 0;
  for (uint64_t seed = 1; seed <= 1000; seed++) refused += append_seeded(*table, seed) == 0 ? 1 : 0;
  EXPECT(refused > 0);
  EXPECT_EQ(counter(*health, "refused", "disk_full"), refused);
  expect_nothing_uncounted(disk.scratch().path(), *health, 1000);
}

void a_file_size_limit_is_an_error_value() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {40'000, 0, 0});
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit small = before;
  small.rlim_cur = 1 << 20;
  setrlimit(RLIMIT_FSIZE, &small);
  for (uint64_t seed = 1; seed <= 100; seed++) append_seeded(*table, seed);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(counter(*health, "refused", "disk_full"), uint64_t{100});
  EXPECT_EQ(counter(*health, "dropped", "disk_full"), uint64_t{0});
  EXPECT_EQ(append_seeded(*table, 1), uint64_t{1});
  expect_nothing_uncounted(scratch.path(), *health, 101);
}

void a_store_in_memory_keeps_to_its_size() {
  auto memory = MemoryDirectory::create(8 << 20);
  if (!memory) {
    std::printf("skipped: %s\n", memory.error().message.c_str());
    return;
  }
  const std::string directory = memory.value().path();
  constexpr uint64_t kFirst = 1'700'000'000'000'000;
  auto health = HealthRegion::in_memory();
  auto table = EventTable::open(kSample, {directory, {0, 0, 0}, kFirst}, *health).take();
  EXPECT_EQ(append_seeded(*table, 0), kFirst);
  for (uint64_t seed = 1; seed < 100'000; seed++) append_seeded(*table, seed);
  EXPECT(counter(*health, "dropped", "disk_full") > 0);
  EXPECT(counter(*health, "rows") > 10'000);
  EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{0});
  expect_nothing_uncounted(directory, *health, 100'000);
  struct statfs used;
  EXPECT_EQ(fstatfs(memory.value().fd(), &used), 0);
  EXPECT_EQ(static_cast<uint64_t>(used.f_blocks) * static_cast<uint64_t>(used.f_bsize),
            uint64_t{8 << 20});
}

}  // namespace

int main(int argc, char** argv) {
  claim("the oldest rows make room on a full disk", the_oldest_rows_make_room_on_a_full_disk);
  claim("one segment alone fills the disk without harm",
        one_segment_alone_fills_the_disk_without_harm);
  claim("a disk filled by others is an error value", a_disk_filled_by_others_is_an_error_value);
  claim("rows that find no room are refused, and counted apart from those that make room",
        rows_that_find_no_room_are_refused);
  claim("a file size limit is an error value", a_file_size_limit_is_an_error_value);
  claim("a store in memory keeps to its size, and counts what it drops",
        a_store_in_memory_keeps_to_its_size);
  return run_claims(argc, argv);
}
