#include <unistd.h>

#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr TableLimits kNoLimits{0, 0, 0};
/// Small segments: 8 of 1250 rows.
constexpr TableLimits kTenThousand{10'000, 0, 0};

void fill(const ScratchDirectory& scratch, uint64_t rows, const TableLimits& limits) {
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, limits);
  for (uint64_t seed = 1; seed <= rows; seed++) append_seeded(*table, seed);
}

void a_restart_goes_on_with_the_next_eid() {
  ScratchDirectory scratch;
  uint64_t seed = 0;
  for (int start = 0; start < 12; start++) {
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, kTenThousand);
    for (int i = 0; i < 1777; i++) {
      seed++;
      EXPECT_EQ(append_seeded(*table, seed), seed);
    }
    EXPECT_EQ(counter(*health, "damaged_files") + counter(*health, "rebuilt_indexes"), uint64_t{0});
  }
  const ScanTotals totals = read_all(*open_reader(scratch.path()));
  EXPECT_EQ(totals.rows, uint64_t{10'000});
  EXPECT_EQ(totals.torn + totals.disordered, uint64_t{0});
  EXPECT_EQ(totals.last_eid, seed);
  EXPECT(scratch.files("segment-").size() <= 10);
}

void a_second_writer_is_refused() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  auto second = EventTable::open(kSample, {scratch.path(), {}}, *health);
  EXPECT(!second.ok());
  if (!second.ok()) EXPECT_EQ(second.error().code, std::string("store_locked"));
  table.reset();
  EXPECT(EventTable::open(kSample, {scratch.path(), {}}, *health).ok());
}

void a_flipped_bit_moves_the_file_aside() {
  ScratchDirectory scratch;
  fill(scratch, 10'000, kTenThousand);
  const std::string segment = scratch.files("segment-")[2];
  flip_bit(segment, find_in_file(segment, "program-"));
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kTenThousand);
  EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{1});
  EXPECT_EQ(scratch.files(".damaged-1").size(), size_t{1});
  const uint64_t lost = counter(*health, "dropped", "damaged");
  EXPECT_EQ(lost, uint64_t{1250});
  auto reader = open_reader(scratch.path());
  const ScanTotals totals = read_all(*reader);
  EXPECT_EQ(totals.rows, 10'000 - lost);
  EXPECT_EQ(totals.torn, uint64_t{0});
  EXPECT_EQ(reader->snapshot().rows(), 10'000 - lost);
  EXPECT_EQ(counter(*health, "rows"), 10'000 - lost);
  EXPECT_EQ(append_seeded(*table, 10'001), uint64_t{10'001});
  // The bound is on rows, and the hole has none.
  for (uint64_t seed = 10'002; seed <= 13'000; seed++) append_seeded(*table, seed);
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{10'000});
}

void every_flipped_bit_is_found_or_harmless() {
  for (uint64_t place = 0; place < 40; place++) {
    ScratchDirectory scratch;
    fill(scratch, 300, kNoLimits);
    const std::string segment = scratch.files("segment-")[0];
    std::error_code ignored;
    flip_bit(segment, place * 7919 * 13 % std::filesystem::file_size(segment, ignored));
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, kNoLimits);
    const ScanTotals totals = read_all(*open_reader(scratch.path()));
    EXPECT_EQ(totals.torn, uint64_t{0});
    EXPECT_EQ(totals.rows, counter(*health, "damaged_files") == 0 ? uint64_t{300} : uint64_t{0});
    EXPECT(append_seeded(*table, 301) >= 301);
  }
}

void a_damaged_manifest_is_built_anew() {
  for (const uint64_t place : {0, 8, 20, 60, 64, 72, 80, 88}) {
    ScratchDirectory scratch;
    fill(scratch, 3000, kTenThousand);
    flip_bit(scratch.table() + "/manifest", place);
    auto health = HealthRegion::in_memory();
    auto table = open_table(scratch.path(), *health, kTenThousand);
    EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{1});
    EXPECT(append_seeded(*table, 3001) > 3000);
    EXPECT_EQ(read_all(*open_reader(scratch.path())).rows, uint64_t{3001});
  }
}

void another_layout_moves_the_table_aside() {
  ScratchDirectory scratch;
  fill(scratch, 3000, kTenThousand);
  TableSpec changed = kSample;
  changed.layout_hash++;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kTenThousand, changed);
  EXPECT_EQ(counter(*health, "layout_changes"), uint64_t{1});
  EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{0});
  EXPECT_EQ(scratch.files("manifest.old-").size(), size_t{1});
  EXPECT_EQ(append_seeded(*table, 3001), uint64_t{3001});
  EXPECT_EQ(read_all(*open_reader(scratch.path(), changed)).rows, uint64_t{1});
  EXPECT(!TableReader::open(kSample, scratch.path()).ok());
}

/// As after a power loss: another boot, no orderly stop, pages of the newest rows never written.
void a_power_loss_keeps_the_rows_before_the_first_hole() {
  ScratchDirectory scratch;
  fill(scratch, 3000, kNoLimits);
  const std::string manifest = scratch.table() + "/manifest";
  flip_bit(manifest, 16);  // boot id
  std::fstream(manifest, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(104)
      .write("\0\0\0\0\0\0\0", 8);  // ManifestPage::closed
  const std::string segment = scratch.files("segment-")[0];
  const uint64_t lost_text = find_in_file(segment, "argument " + std::to_string(2501 * 7919) + "x");
  std::fstream(segment, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<std::streamoff>(lost_text))
      .write("\0\0\0\0", 4);
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kNoLimits);
  const ScanTotals totals = read_all(*open_reader(scratch.path()));
  EXPECT_EQ(totals.rows, uint64_t{2500});
  EXPECT_EQ(totals.torn, uint64_t{0});
  EXPECT_EQ(counter(*health, "dropped", "damaged"), uint64_t{500});
  EXPECT_EQ(append_seeded(*table, 3001), uint64_t{3001});
  EXPECT_EQ(open_reader(scratch.path())->snapshot().rows(), uint64_t{2501});
}

void a_file_cut_short_while_written_is_moved_aside() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kTenThousand);
  auto reader = open_reader(scratch.path());
  uint64_t seed = 0, last_eid = 0;
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 1500; i++) last_eid = append_seeded(*table, ++seed);
    const Snapshot snapshot = reader->snapshot();
    auto scan = reader->scan(snapshot, {});
    EXPECT(scan->next());
    EXPECT_EQ(truncate(scratch.files("segment-").back().c_str(), 0), 0);
    while (scan->next()) {
    }
    EXPECT(scan->damaged());
    for (int i = 0; i < 10; i++) {
      const uint64_t eid = append_seeded(*table, ++seed);
      EXPECT(eid > last_eid);
      last_eid = eid;
    }
    table->expire(1);
  }
  EXPECT(counter(*health, "damaged_files") >= 5);
  const ScanTotals totals = read_all(*reader);
  EXPECT_EQ(totals.torn, uint64_t{0});
  EXPECT_EQ(totals.rows + counter(*health, "dropped", "damaged"), seed);
  EXPECT_EQ(counter(*health, "rows"), totals.rows);
}

void a_manifest_cut_short_is_written_anew() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kTenThousand);
  auto reader = open_reader(scratch.path());
  for (uint64_t seed = 1; seed <= 100; seed++) append_seeded(*table, seed);
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{100});
  EXPECT_EQ(truncate((scratch.table() + "/manifest").c_str(), 0), 0);
  append_seeded(*table, 101);
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{0});
  table->expire(1);
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{101});
  EXPECT_EQ(append_seeded(*table, 102), uint64_t{102});
}

void removed_files_are_noticed() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, kTenThousand);
  for (uint64_t seed = 1; seed <= 5000; seed++) append_seeded(*table, seed);
  for (const std::string& path : scratch.files("segment-")) unlink(path.c_str());
  table->expire(1);
  EXPECT_EQ(counter(*health, "dropped", "damaged"), uint64_t{5000});
  EXPECT_EQ(append_seeded(*table, 5001), uint64_t{5001});
  EXPECT_EQ(read_all(*open_reader(scratch.path())).rows, uint64_t{1});
}

void files_set_aside_are_bounded() {
  ScratchDirectory scratch;
  for (int round = 0; round < 10; round++) {
    fill(scratch, 100, kNoLimits);
    const std::string segment = scratch.files("segment-0").back();
    flip_bit(segment, find_in_file(segment, "argument"));
  }
  EXPECT(scratch.files(".damaged-").size() <= 4);
  EXPECT_EQ(scratch.files(".damaged-9").size(), size_t{1});
}

}  // namespace

int main(int argc, char** argv) {
  claim("a restart goes on with the next eid", a_restart_goes_on_with_the_next_eid);
  claim("a second writer is refused", a_second_writer_is_refused);
  claim("a flipped bit moves its file aside and leaves the others",
        a_flipped_bit_moves_the_file_aside);
  claim("every flipped bit is found or harmless", every_flipped_bit_is_found_or_harmless);
  claim("a damaged manifest is built anew", a_damaged_manifest_is_built_anew);
  claim("another layout moves the table aside", another_layout_moves_the_table_aside);
  claim("a power loss keeps the rows before the first hole",
        a_power_loss_keeps_the_rows_before_the_first_hole);
  claim("a file cut short while it is written is moved aside",
        a_file_cut_short_while_written_is_moved_aside);
  claim("a manifest cut short is written anew", a_manifest_cut_short_is_written_anew);
  claim("removed files are noticed", removed_files_are_noticed);
  claim("files set aside are bounded", files_set_aside_are_bounded);
  return run_claims(argc, argv);
}
