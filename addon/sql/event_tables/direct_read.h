#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../values/result_row.h"
#include "event_view.h"

namespace auditql {

/// Where a statement does nothing but hand on columns of one table, with no condition that is left
/// to SQLite: the table's column behind each column of the result. Its rows may then be read from
/// the table without a step of the statement for each, which takes a third of the time.
std::optional<std::vector<uint16_t>> handed_on_columns(sqlite3* db, const std::string& sql);

/// The row that an event table's cursor stands on, as a row of such a statement.
class DirectRow final : public ResultRow {
 public:
  DirectRow(OpenRows& rows, std::vector<uint16_t> columns)
      : rows_(rows), columns_(std::move(columns)) {}
  ResultCell cell(int column) override {
    return rows_.cell(columns_[static_cast<size_t>(column)], buffer_);
  }

 private:
  OpenRows& rows_;
  std::vector<uint16_t> columns_;
  std::string buffer_;
};

}  // namespace auditql
