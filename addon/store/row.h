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
  /// A bit for each column.
  using Bits = std::array<uint64_t, (kMaxColumns + 63) / 64>;

  struct Cell {
    uint64_t number = 0;  ///< integers, two's complement
    std::string_view bytes;
  };

  /// `column` is an enumerator of the table's generated column enum.
  template <typename Column>
  void set(Column column, uint64_t number) {
    set_cell(static_cast<size_t>(column), {number, {}});
  }
  template <typename Column>
  void set_signed(Column column, int64_t number) {
    set(column, static_cast<uint64_t>(number));
  }
  /// Text and blobs: exact bytes, need not be UTF-8.
  template <typename Column>
  void set(Column column, std::string_view bytes) {
    set_cell(static_cast<size_t>(column), {0, bytes});
  }
  template <typename Column>
  void set(Column column, const UuidBytes& uuid) {
    set(column, std::string_view(reinterpret_cast<const char*>(uuid.data()), uuid.size()));
  }
  void clear() { set_.fill(0); }
  template <typename Column>
  void clear_cell(Column column) {
    const auto at = static_cast<size_t>(column);
    set_[at / 64] &= ~(uint64_t{1} << (at % 64));
  }
  bool has(size_t column) const { return (set_[column / 64] >> (column % 64) & 1) != 0; }
  const Bits& columns_set() const { return set_; }
  /// Means something where has(column).
  const Cell& cell(size_t column) const { return cells_[column]; }

 private:
  void set_cell(size_t column, const Cell& cell) {
    cells_[column] = cell;
    set_[column / 64] |= uint64_t{1} << (column % 64);
  }

  std::array<Cell, kMaxColumns> cells_{};
  Bits set_{};
};

}  // namespace auditql
