#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "../../live/eventually.h"
#include "health/health_region.h"
#include "store/event_table.h"
#include "store/generated/event_tables.h"
#include "store/table_reader.h"

namespace auditql::test {

/// A folder of its own for each claim, removed at the end.
struct ScratchFolder {
  ScratchFolder() {
    char pattern[] = "/tmp/auditql-publish-XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

/// One real event table, and what is in it.
class StoredTable {
 public:
  StoredTable(const TableSpec& spec, const std::string& folder, HealthRegion& health)
      : spec_(spec), folder_(folder), table_(EventTable::open(spec, {folder, {}}, health).take()) {}

  EventTable& table() { return *table_; }
  /// Each row as its cells of these columns, joined by `|`; NULL is empty.
  std::vector<std::string> rows(const std::vector<uint16_t>& columns) const {
    auto reader = TableReader::open(spec_, folder_).take();
    const auto scan = reader->scan(reader->snapshot(), {});
    std::vector<std::string> rows;
    while (scan->next()) {
      std::string row;
      for (const uint16_t column : columns) {
        const StoredCell cell = scan->cell(column);
        if (column != columns.front()) row += '|';
        if (cell.kind == StoredCell::Kind::number) row += std::to_string(cell.number);
        if (cell.kind == StoredCell::Kind::bytes) row += cell.bytes;
      }
      rows.push_back(row);
    }
    return rows;
  }

 private:
  const TableSpec& spec_;
  std::string folder_;
  std::unique_ptr<EventTable> table_;
};

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace auditql::test
