#include "result_output.h"

namespace auditql {

bool ResultOutput::open(sqlite3_stmt* statement) {
  const bool first = !writer_;
  writer_.emplace(format_, statement);
  if (!first) return true;
  writer_->append_head(text_);
  return send();
}

bool ResultOutput::take(ResultRow& row) {
  if (bounds_.max_rows > 0 && rows_ >= bounds_.max_rows) return truncate(Truncation::rows);
  writer_->append_row(text_, row, rows_ == 0);
  if (bounds_.max_bytes > 0 && frames_.bytes() + text_.size() > bounds_.max_bytes) {
    text_.clear();
    return truncate(Truncation::bytes);
  }
  rows_++;
  return send();
}

bool ResultOutput::finish() {
  writer_->append_tail(text_, rows_ > 0);
  return send();
}

bool ResultOutput::truncate(Truncation by) {
  truncation_ = by;
  return false;
}

bool ResultOutput::send() {
  refused_ = !frames_.write(text_);
  text_.clear();
  return !refused_;
}

}  // namespace auditql
