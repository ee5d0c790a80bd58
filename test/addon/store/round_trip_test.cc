#include <algorithm>

#include "store/generated/event_tables.h"
#include "store/segment_layout.h"
#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using Kind = StoredCell::Kind;

void every_storage_type_comes_back() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  UuidBytes uuid;
  for (size_t i = 0; i < uuid.size(); i++) uuid[i] = static_cast<uint8_t>(200 + i);
  Row row;
  row.set(SampleColumn::pid, uint64_t{4294967295});
  row.set(SampleColumn::name, std::string_view("caf\xc3\xa9"));
  row.set(SampleColumn::tiny, uint64_t{255});
  row.set(SampleColumn::small, uint64_t{65535});
  row.set_signed(SampleColumn::signed_number, INT64_MIN);
  row.set(SampleColumn::ntime, uint64_t{1'763'712'196'000'000'001});
  row.set(SampleColumn::uuid, uuid);
  row.set(SampleColumn::sum, UINT64_MAX);
  EXPECT_EQ(table->append(row), uint64_t{1});

  auto reader = open_reader(scratch.path());
  auto scan = reader->scan(reader->snapshot(), {});
  EXPECT(scan->next());
  EXPECT_EQ(scan->eid(), uint64_t{1});
  EXPECT_EQ(scan->cell(at(SampleColumn::pid)).number, int64_t{4294967295});
  EXPECT_EQ(scan->cell(at(SampleColumn::name)).bytes, std::string_view("caf\xc3\xa9"));
  EXPECT(scan->cell(at(SampleColumn::name)).utf8);
  EXPECT(scan->cell(at(SampleColumn::args)).kind == Kind::null);
  EXPECT_EQ(scan->cell(at(SampleColumn::tiny)).number, int64_t{255});
  EXPECT_EQ(scan->cell(at(SampleColumn::small)).number, int64_t{65535});
  EXPECT_EQ(scan->cell(at(SampleColumn::signed_number)).number, INT64_MIN);
  EXPECT_EQ(scan->cell(at(SampleColumn::ntime)).number, int64_t{1'763'712'196'000'000'001});
  EXPECT(scan->cell(at(SampleColumn::uuid)).kind == Kind::uuid);
  EXPECT_EQ(scan->cell(at(SampleColumn::uuid)).bytes,
            std::string_view(reinterpret_cast<const char*>(uuid.data()), 16));
  EXPECT_EQ(scan->cell(at(SampleColumn::sum)).number, int64_t{-1});
  EXPECT(!scan->next());
}

/// Stores the names, reads them back, and hands each cell over.
void read_names(const std::vector<std::string>& names,
                const std::function<void(size_t, const StoredCell&)>& check) {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  for (const std::string& name : names) {
    Row row;
    row.set(SampleColumn::name, std::string_view(name));
    table->append(row);
  }
  auto reader = open_reader(scratch.path());
  auto scan = reader->scan(reader->snapshot(), {});
  size_t seen = 0;
  for (; scan->next(); seen++) {
    const StoredCell cell = scan->cell(at(SampleColumn::name));
    EXPECT_EQ(cell.bytes, std::string_view(names[seen]));
    check(seen, cell);
  }
  EXPECT_EQ(seen, names.size());
}

void text_that_is_not_utf8_is_flagged() {
  const std::vector<std::string> valid = {"",
                                          "plain",
                                          "\xf0\x9f\x90\xa7",
                                          std::string("a\0b", 3),
                                          "\xed\x9f\xbf",
                                          "\xef\xbf\xbd",
                                          "\xf4\x8f\xbf\xbf"};
  const std::vector<std::string> invalid = {"\xff",         "ab\xc3",           "\xc0\x80",
                                            "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x9f\xbf",
                                            "12345678\x80"};
  read_names(valid, [](size_t, const StoredCell& cell) { EXPECT(cell.utf8); });
  read_names(invalid, [](size_t, const StoredCell& cell) { EXPECT(!cell.utf8); });
}

void empty_and_null_strings_differ() {
  read_names({"", "x", ""},
             [](size_t, const StoredCell& cell) { EXPECT(cell.kind == Kind::bytes); });
}

void strings_of_every_prefix_length_come_back() {
  std::vector<std::string> names;
  for (const size_t length :
       {0, 1, 15, 16, 17, 32, 33, 63, 64, 1024, 1025, 8191, 8192, 3'000'000}) {
    for (int times = 0; times < 2; times++) names.push_back(std::string(length, 'q'));
    names.push_back(std::string(length, 'q') + "\xff");
  }
  read_names(names, [](size_t at_name, const StoredCell& cell) {
    EXPECT_EQ(cell.utf8, at_name % 3 != 2);
  });
}

void numbers_that_do_not_fit_become_null_and_are_counted() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  Row row;
  row.set(SampleColumn::tiny, uint64_t{256});
  row.set(SampleColumn::pid, uint64_t{1} << 32);
  row.set(SampleColumn::small, uint64_t{7});
  row.set(SampleColumn::uuid, std::string_view("too short"));
  table->append(row);
  EXPECT_EQ(counter(*health, "misfit_cells"), uint64_t{3});
  auto reader = open_reader(scratch.path());
  auto scan = reader->scan(reader->snapshot(), {});
  EXPECT(scan->next());
  EXPECT(scan->cell(at(SampleColumn::tiny)).kind == Kind::null);
  EXPECT(scan->cell(at(SampleColumn::pid)).kind == Kind::null);
  EXPECT(scan->cell(at(SampleColumn::uuid)).kind == Kind::null);
  EXPECT_EQ(scan->cell(at(SampleColumn::small)).number, int64_t{7});
}

constexpr uint64_t kManyRows = 20'000;

/// Eids that a plain loop over all rows finds, and that the scan finds.
void compare_with_plain_loop(TableReader& reader, const ScanRequest& request) {
  std::vector<uint64_t> expected, found;
  for (uint64_t seed = 1; seed <= kManyRows; seed++) {
    const uint64_t ntime = seed * 10;
    if (seed < request.min_eid || seed > request.max_eid) continue;
    if (ntime < request.min_ntime || ntime > request.max_ntime) continue;
    if (request.point && seed % 5000 != request.point->number) continue;
    expected.push_back(seed);
  }
  if (request.descending) std::reverse(expected.begin(), expected.end());
  auto scan = reader.scan(reader.snapshot(), request);
  while (scan->next()) found.push_back(scan->eid());
  EXPECT(found == expected);
}

void scans_find_what_a_plain_loop_finds() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health, {kManyRows, 0, 0});
  for (uint64_t seed = 1; seed <= kManyRows; seed++) append_seeded(*table, seed, seed * 10);
  EXPECT(scratch.files("segment-").size() > 5);
  auto reader = open_reader(scratch.path());
  for (const bool descending : {false, true}) {
    for (const auto& [low, high] : {std::pair<uint64_t, uint64_t>{0, UINT64_MAX},
                                    {5000, 5000},
                                    {2499, 2502},
                                    {19'999, 30'000},
                                    {30'000, 40'000},
                                    {7, 3},
                                    {0, 0}}) {
      ScanRequest request;
      request.descending = descending;
      request.min_eid = low;
      request.max_eid = high;
      compare_with_plain_loop(*reader, request);
      request.point = ScanRequest::Point{at(SampleColumn::pid), 2500, {}};
      compare_with_plain_loop(*reader, request);
      std::swap(request.min_eid, request.min_ntime);
      std::swap(request.max_eid, request.max_ntime);
      compare_with_plain_loop(*reader, request);
      request.point.reset();
      compare_with_plain_loop(*reader, request);
    }
  }
  EXPECT_EQ(reader->snapshot().rows(), kManyRows);
  const double pids = reader->rows_per_key(at(SampleColumn::pid));
  EXPECT(pids >= 1 && pids < 8);
}

void uuid_points_are_found() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  for (uint64_t seed = 1; seed <= 3000; seed++) append_seeded(*table, seed);
  auto reader = open_reader(scratch.path());
  ScanRequest request;
  request.point = ScanRequest::Point{at(SampleColumn::uuid), 0, {}};
  for (size_t i = 0; i < 16; i++) {
    request.point->uuid[i] = static_cast<uint8_t>(uint64_t{1234} >> (i % 8 * 8));
  }
  const ScanTotals totals = read_all(*reader, request);
  EXPECT_EQ(totals.rows, uint64_t{1});
  EXPECT_EQ(totals.first_eid, uint64_t{1234});
  request.point = ScanRequest::Point{at(SampleColumn::pid), uint64_t{1} << 40, {}};
  EXPECT_EQ(read_all(*reader, request).rows, uint64_t{0});
}

void every_declared_table_opens() {
  ScratchDirectory scratch;
  auto health = HealthRegion::in_memory();
  for (const TableSpec* spec : kEventTables) {
    auto table = open_table(scratch.path(), *health, {}, *spec);
    Row row;
    for (uint16_t i = 0; i < spec->columns.size(); i++) {
      if (spec->columns[i].storage != Storage::absent) row.set(i, uint64_t{i});
    }
    EXPECT_EQ(table->append(row), uint64_t{1});
    auto reader = open_reader(scratch.path(), *spec);
    EXPECT_EQ(reader->snapshot().rows(), uint64_t{1});
    // A column without an index of its own would not be found by its value.
    size_t indexed = 0;
    for (const ColumnSpec& column : spec->columns) indexed += column.hash_indexed ? 1 : 0;
    EXPECT(indexed <= kMaxIndexes);
  }
}

void a_missing_table_reads_as_empty_until_it_is_there() {
  ScratchDirectory scratch;
  auto reader = open_reader(scratch.path());
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{0});
  EXPECT(!reader->scan(reader->snapshot(), {})->next());
  auto health = HealthRegion::in_memory();
  auto table = open_table(scratch.path(), *health);
  append_seeded(*table, 1);
  EXPECT_EQ(reader->snapshot().rows(), uint64_t{1});
}

}  // namespace

int main(int argc, char** argv) {
  claim("every storage type comes back as it was stored", every_storage_type_comes_back);
  claim("text that is not UTF-8 is stored as it is and flagged", text_that_is_not_utf8_is_flagged);
  claim("empty and NULL strings differ", empty_and_null_strings_differ);
  claim("strings of every prefix length come back", strings_of_every_prefix_length_come_back);
  claim("numbers that do not fit become NULL and are counted",
        numbers_that_do_not_fit_become_null_and_are_counted);
  claim("scans find what a plain loop finds, in order", scans_find_what_a_plain_loop_finds);
  claim("uuids are found through their index", uuid_points_are_found);
  claim("every declared table opens", every_declared_table_opens);
  claim("a missing table reads as empty until it is there",
        a_missing_table_reads_as_empty_until_it_is_there);
  return run_claims(argc, argv);
}
