// Tables of random columns, with rows of random cells: what is stored comes back.
#include <random>
#include <variant>

#include "store/segment_layout.h"
#include "store_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using Kind = StoredCell::Kind;

/// A table of so many columns, of every kind of storage and without, `ntime` among them.
class RandomTable {
 public:
  RandomTable(size_t columns, std::mt19937& random) {
    const auto ntime = static_cast<uint16_t>(random() % columns);
    for (size_t i = 0; i < columns; i++) names_.push_back("column" + std::to_string(i));
    size_t indexes = 0;
    for (uint16_t i = 0; i < columns; i++) {
      const auto storage = i == ntime ? Storage::u64 : static_cast<Storage>(random() % 8);
      const bool can_index =
          storage != Storage::absent && storage != Storage::text && storage != Storage::i64;
      const bool hash_indexed = can_index && random() % 4 == 0 && indexes++ < kMaxIndexes;
      columns_.push_back({names_[i], SqlType::bigint, storage, Derivation::none, 0, false,
                          hash_indexed, false, ""});
    }
    spec_ = {"sample", "", columns_, ntime, random()};
  }
  RandomTable(const RandomTable&) = delete;
  RandomTable& operator=(const RandomTable&) = delete;
  const TableSpec& spec() const { return spec_; }

 private:
  std::vector<std::string> names_;
  std::vector<ColumnSpec> columns_;
  TableSpec spec_;
};

using Cell = std::variant<std::monostate, uint64_t, std::string>;

Cell random_cell(Storage storage, std::mt19937& random) {
  if (random() % 3 == 0) return {};
  switch (storage) {
    case Storage::text:
      // Short texts that repeat, some that differ in one byte only, and long ones.
      return std::string(random() % 4 == 0 ? random() % 300 : random() % 20,
                         static_cast<char>('a' + random() % 2)) +
             (random() % 2 == 0 ? "" : std::string(1, static_cast<char>(random() % 256)));
    case Storage::uuid:
      return std::string(16, static_cast<char>(random() % 256));
    case Storage::u8:
      return uint64_t{random() & 0xff};
    case Storage::u16:
      return uint64_t{random() & 0xffff};
    case Storage::u32:
      return uint64_t{random()};
    default:
      return uint64_t{random()} << 32 | random();
  }
}

std::vector<Cell> append_random_row(EventTable& table, const TableSpec& spec,
                                    std::mt19937& random) {
  std::vector<Cell> cells;
  for (const ColumnSpec& column : spec.columns)
    cells.push_back(random_cell(column.storage, random));
  Row row;
  for (size_t i = 0; i < cells.size(); i++) {
    if (const auto* number = std::get_if<uint64_t>(&cells[i])) row.set(i, *number);
    if (const auto* bytes = std::get_if<std::string>(&cells[i])) {
      row.set(i, std::string_view(*bytes));
    }
  }
  EXPECT(table.append(row) != 0);
  return cells;
}

bool is_same(const StoredCell& stored, const Cell& cell) {
  if (const auto* number = std::get_if<uint64_t>(&cell)) {
    return stored.kind == Kind::number && static_cast<uint64_t>(stored.number) == *number;
  }
  if (const auto* bytes = std::get_if<std::string>(&cell)) {
    return (stored.kind == Kind::bytes || stored.kind == Kind::uuid) && stored.bytes == *bytes;
  }
  return stored.kind == Kind::null;
}

void expect_rows(TableReader& reader, const TableSpec& spec,
                 const std::vector<std::vector<Cell>>& rows) {
  size_t wrong = 0;
  auto scan = reader.scan(reader.snapshot(), {});
  for (const auto& row : rows) {
    EXPECT(scan->next());
    for (uint16_t i = 0; i < row.size(); i++) {
      const Cell expected = spec.columns[i].storage == Storage::absent ? Cell{} : row[i];
      if (!is_same(scan->cell(i), expected)) wrong++;
    }
  }
  EXPECT(!scan->next());
  EXPECT_EQ(wrong, size_t{0});
}

/// The number of the row that a point lookup finds last must be among those that hold the value.
void expect_points(TableReader& reader, const TableSpec& spec,
                   const std::vector<std::vector<Cell>>& rows) {
  for (uint16_t column = 0; column < spec.columns.size(); column++) {
    if (!spec.columns[column].hash_indexed) continue;
    const Cell wanted = rows[rows.size() / 2][column];
    ScanRequest request;
    request.point = ScanRequest::Point{column, 0, {}};
    if (const auto* number = std::get_if<uint64_t>(&wanted)) {
      request.point->number = *number;
    } else if (const auto* bytes = std::get_if<std::string>(&wanted)) {
      std::copy(bytes->begin(), bytes->end(), request.point->uuid.begin());
    } else {
      continue;
    }
    uint64_t expected = 0;
    for (const auto& row : rows) expected += row[column] == wanted ? 1 : 0;
    EXPECT_EQ(read_all(reader, request).rows, expected);
  }
}

void rows_of_any_columns_come_back() {
  std::mt19937 random(20251121);
  for (const size_t columns : {1u, 2u, 9u, 31u, 63u, 64u, 65u, 80u, 95u, 96u}) {
    const RandomTable table(columns, random);
    ScratchDirectory scratch;
    std::vector<std::vector<Cell>> rows;
    for (int opened = 0; opened < 2; opened++) {
      auto health = HealthRegion::in_memory();
      auto writer = open_table(scratch.path(), *health, {0, 0, 0}, table.spec());
      for (int i = 0; i < 300; i++) {
        rows.push_back(append_random_row(*writer, table.spec(), random));
      }
      auto reader = open_reader(scratch.path(), table.spec());
      expect_rows(*reader, table.spec(), rows);
      EXPECT_EQ(counter(*health, "damaged_files"), uint64_t{0});
      EXPECT_EQ(counter(*health, "rebuilt_indexes"), uint64_t{0});
      EXPECT_EQ(counter(*health, "misfit_cells"), uint64_t{0});
    }
    auto reader = open_reader(scratch.path(), table.spec());
    expect_points(*reader, table.spec(), rows);
  }
}

}  // namespace

int main(int argc, char** argv) {
  claim("rows of tables of any columns come back, by scans and by their indexes",
        rows_of_any_columns_come_back);
  return run_claims(argc, argv);
}
