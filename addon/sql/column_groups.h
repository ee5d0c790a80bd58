#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../store/table_reader.h"
#include "sqlite_api.h"

namespace auditql {

/// The distinct values of one stored column and how often each occurs. A query that reads no other
/// column cannot tell rows with the same value apart, so that GROUP BY on it needs no sorter.
class ColumnGroups {
 public:
  /// Columns of text and numbers; other kinds are left to SQLite.
  static bool can_group(const ColumnSpec& column);

  void add(const StoredCell& cell);
  /// Puts the values in SQLite's order; no add() after it.
  void finish();

  size_t size() const { return groups_.size(); }
  uint64_t rows(size_t group) const { return groups_[group].rows; }
  void emit(sqlite3_context* context, size_t group) const;

 private:
  struct Group {
    StoredCell::Kind kind;
    int64_t number;
    std::string text;  ///< as shown: bytes that are not UTF-8 escaped
    uint64_t rows;
  };
  /// Texts that repeat are stored once for many rows: the same address is the same text.
  struct Recent {
    const char* bytes = nullptr;
    size_t size = 0;
    size_t group = 0;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  size_t group_of(const StoredCell& cell);
  size_t group_of_text(const StoredCell& cell);
  size_t new_group(StoredCell::Kind kind, int64_t number, std::string text);

  std::vector<Group> groups_;
  std::unordered_map<std::string, size_t, TextHash, std::equal_to<>> texts_;
  std::unordered_map<int64_t, size_t> numbers_;
  std::array<Recent, 1024> recent_{};
  size_t null_group_ = SIZE_MAX;
};

}  // namespace auditql
