#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "../values/row_format.h"
#include "frame_writer.h"

namespace auditql {

/// Limit that cut a result short.
enum class Truncation : uint8_t { none, rows, bytes };

struct ResultBounds {
  uint64_t max_rows = 0;  ///< 0: no bound, as below
  uint64_t max_bytes = 0;
};

/// Formats the rows of a query and sends them, within its bounds.
class ResultOutput {
 public:
  ResultOutput(ResultFormat format, const ResultBounds& bounds, FrameWriter& frames)
      : format_(format), bounds_(bounds), frames_(frames) {}

  /// The rows that follow are the statement's. False when the reader is gone, as below.
  bool open(sqlite3_stmt* statement);
  /// False also when a bound is reached, see truncation(): the row is then not taken.
  bool take(ResultRow& row);
  bool finish();

  uint64_t rows() const { return rows_; }
  Truncation truncation() const { return truncation_; }
  bool refused() const { return refused_; }

 private:
  bool truncate(Truncation by);
  bool send();

  ResultFormat format_;
  ResultBounds bounds_;
  FrameWriter& frames_;
  std::optional<RowFormat> writer_;
  std::string text_;
  uint64_t rows_ = 0;
  Truncation truncation_ = Truncation::none;
  bool refused_ = false;
};

}  // namespace auditql
