#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../../store/table_reader.h"
#include "../values/sqlite_api.h"

namespace auditql {

/// The distinct values of one column, numbered as they come.
class DistinctValues {
 public:
  /// Number of the cell's value.
  uint32_t number_of(const StoredCell& cell);
  /// Place of each value in SQLite's order, by its number. No number_of() after it.
  std::vector<uint32_t> places() const;
  void emit(sqlite3_context* context, uint32_t number) const;

 private:
  struct Value {
    StoredCell::Kind kind;
    int64_t number;
    std::string text;  ///< as shown: bytes that are not UTF-8 escaped
  };
  /// Texts that repeat are stored once for many rows: the same address is the same text.
  struct Recent {
    const char* bytes = nullptr;
    size_t size = 0;
    uint32_t number = 0;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  uint32_t number_of_text(const StoredCell& cell);
  uint32_t add(StoredCell::Kind kind, int64_t number, std::string text);

  std::vector<Value> values_;
  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> texts_;
  std::unordered_map<int64_t, uint32_t> numbers_;
  std::array<Recent, 1024> recent_{};
  uint32_t null_ = UINT32_MAX;
};

/// The distinct values of one or two stored columns together, and how often each pair occurs. A
/// query that reads no other column cannot tell rows with the same values apart, so that GROUP BY
/// on them needs no sorter.
class ColumnGroups {
 public:
  /// Columns of text and numbers; other kinds are left to SQLite.
  static bool can_group(const ColumnSpec& column);

  ColumnGroups(const TableSpec& spec, std::vector<uint16_t> columns)
      : spec_(spec), columns_(std::move(columns)), values_(columns_.size()) {}

  /// Counts the row that the scan stands on.
  void add(const Scan& scan);
  /// Puts the groups in SQLite's order; no add() after it.
  void finish();

  size_t size() const { return groups_.size(); }
  uint64_t rows(size_t group) const { return groups_[group].rows; }
  void emit(sqlite3_context* context, size_t group, uint16_t column) const;

 private:
  struct Group {
    uint64_t key;  ///< the number of the first value in the upper half, of the second in the lower
    uint64_t rows;
  };
  static uint32_t part(uint64_t key, size_t column) {
    return static_cast<uint32_t>(column == 0 ? key >> 32 : key);
  }

  /// As the query sees it: text of osquery's columns is empty rather than NULL.
  StoredCell shown(const Scan& scan, uint16_t column) const;

  const TableSpec& spec_;
  std::vector<uint16_t> columns_;
  std::vector<DistinctValues> values_;
  std::vector<Group> groups_;
  std::unordered_map<uint64_t, size_t> by_key_;
  std::array<size_t, 1024> recent_{};  ///< number of a group + 1, by its key
};

}  // namespace auditql
