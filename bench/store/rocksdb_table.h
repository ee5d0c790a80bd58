#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "sql/event_tables/event_cell.h"
#include "store/row.h"
#include "store/table_spec.h"

namespace auditql::bench {

/// Rows as osquery keeps events: a JSON object with texts alone under a key of the event's number,
/// in RocksDB, in batches.
class RocksdbTable {
 public:
  static constexpr uint64_t kRowsPerBatch = 1000;

  RocksdbTable(const std::string& directory, const TableSpec& spec) : spec_(spec) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    check(rocksdb::DB::Open(options, directory, &opened));
    db_.reset(opened);
  }

  void append(const Row& row) {
    json_.assign(1, '{');
    for (size_t i = 0; i < spec_.columns.size(); i++) {
      if (row.has(i)) append_member(spec_.columns[i], row.cell(i));
    }
    json_.back() = '}';
    char key[40];
    const int length = std::snprintf(key, sizeof key, "data.process_events.%016llu",
                                     static_cast<unsigned long long>(++appended_));
    batch_.Put(rocksdb::Slice(key, static_cast<size_t>(length)), json_);
    if (appended_ % kRowsPerBatch == 0) finish();
  }
  void finish() {
    check(db_->Write({}, &batch_));
    batch_.Clear();
  }

 private:
  void append_member(const ColumnSpec& column, const Row::Cell& cell) {
    json_.append("\"").append(column.name).append("\":\"");
    if (column.storage == Storage::uuid) {
      json_ += uuid_text(cell.bytes).view();
    } else if (column.type == SqlType::blob) {
      append_joined_strings(json_, cell.bytes);
    } else if (column.storage == Storage::text) {
      json_ += cell.bytes;
    } else {
      char digits[24];
      json_.append(digits, std::to_chars(digits, digits + sizeof digits, cell.number).ptr);
    }
    json_ += "\",";
  }
  static void check(const rocksdb::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "RocksDB: %s\n", status.ToString().c_str());
    std::exit(1);
  }

  const TableSpec& spec_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteBatch batch_;
  std::string json_;
  uint64_t appended_ = 0;
};

}  // namespace auditql::bench
