#pragma once

#include <cstdint>
#include <string_view>

#include "sqlite_api.h"

namespace auditql {

/// A value of a result.
struct ResultCell {
  enum class Kind : uint8_t { null, integer, real, text, blob };
  Kind kind = Kind::null;
  int64_t integer = 0;
  double real = 0;
  std::string_view bytes;  ///< text and blob; valid until the next cell is asked for
};

/// The row of a result that is written next.
class ResultRow {
 public:
  virtual ~ResultRow() = default;
  virtual ResultCell cell(int column) = 0;
};

/// The row that a statement stands on.
class StatementRow final : public ResultRow {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
  ResultCell cell(int column) override;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace auditql
