#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "table_spec.h"

namespace auditql {

using UuidBytes = std::array<uint8_t, 16>;

/// One row on its way into a table: a cell per stored column, NULL until set.
/// Reused from row to row; views must live until append() returns.
class Row {
 public:
  static constexpr size_t kMaxColumns = 96;

  struct Cell {
    uint64_t number = 0;  ///< integers, two's complement
    std::string_view bytes;
    bool present = false;
  };

  /// `column` is an enumerator of the table's generated column enum.
  template <typename Column>
  void set(Column column, uint64_t number) {
    cells_[static_cast<size_t>(column)] = {number, {}, true};
  }
  template <typename Column>
  void set_signed(Column column, int64_t number) {
    set(column, static_cast<uint64_t>(number));
  }
  /// Text and blobs: exact bytes, need not be UTF-8.
  template <typename Column>
  void set(Column column, std::string_view bytes) {
    cells_[static_cast<size_t>(column)] = {0, bytes, true};
  }
  template <typename Column>
  void set(Column column, const UuidBytes& uuid) {
    set(column, std::string_view(reinterpret_cast<const char*>(uuid.data()), uuid.size()));
  }
  void clear() { cells_.fill(Cell{}); }
  template <typename Column>
  void clear_cell(Column column) {
    cells_[static_cast<size_t>(column)] = Cell{};
  }
  const Cell& cell(size_t column) const { return cells_[column]; }

 private:
  std::array<Cell, kMaxColumns> cells_{};
};

}  // namespace auditql
