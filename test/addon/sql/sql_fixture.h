#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "sql/extension.h"
#include "store/event_table.h"
#include "store/generated/event_tables.h"

namespace auditql::test {

/// A state directory that goes with the object; below TMPDIR or /tmp.
class StateDirectory {
 public:
  StateDirectory() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/auditql-sql-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) std::perror("mkdtemp");
  }
  ~StateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;
  const std::string& path() const { return path_; }

  std::unique_ptr<EventTable> open_table(const TableSpec& spec) {
    auto table = EventTable::open(spec, {path_, {}}, *health_);
    if (table.ok()) return table.take();
    std::fprintf(stderr, "open: %s\n", table.error().message.c_str());
    std::abort();
  }

 private:
  std::string path_;
  std::unique_ptr<HealthRegion> health_ = HealthRegion::in_memory();
};

/// A connection with the extension, as a query worker has it.
class Connection {
 public:
  Connection() {
    if (sqlite3_open(":memory:", &db_) != SQLITE_OK) std::abort();
  }
  ~Connection() {
    sql_.reset();
    sqlite3_close(db_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* db() { return db_; }
  SqlConnection& sql() {
    if (sql_ == nullptr) {
      auto attached = attach_extension(db_);
      if (!attached.ok()) {
        std::fprintf(stderr, "%s\n", attached.error().message.c_str());
        std::abort();
      }
      sql_ = attached.take();
    }
    return *sql_;
  }

  /// Rows of a statement as texts joined by `|`, NULL as `NULL`; or `error: message`.
  std::vector<std::string> rows(const std::string& sql) {
    this->sql();
    std::vector<std::string> found;
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
      code = sqlite3_step(statement);
      if (code == SQLITE_ROW) found.push_back(row_text(statement));
    }
    if (code != SQLITE_DONE) found.push_back(std::string("error: ") + sqlite3_errmsg(db_));
    sqlite3_finalize(statement);
    return found;
  }
  /// The only value of the only row.
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.size() == 1 ? found[0] : std::to_string(found.size()) + " rows";
  }

 private:
  static std::string row_text(sqlite3_stmt* statement) {
    std::string text;
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      if (i > 0) text += '|';
      const auto* cell = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      text += cell == nullptr
                  ? "NULL"
                  : std::string(cell, static_cast<size_t>(sqlite3_column_bytes(statement, i)));
    }
    return text;
  }

  sqlite3* db_ = nullptr;
  std::shared_ptr<SqlConnection> sql_;
};

/// What a query wrote, without its frames.
struct Written {
  QueryOutcome outcome;
  std::string text;
  size_t frames = 0;
  size_t largest_frame = 0;
  bool ended = false;  ///< by a frame of length 0, and nothing behind it
};

inline uint32_t read_u32(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; i++) value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

inline void take_frames(const std::string& bytes, uint32_t generation, Written& written) {
  for (size_t at = 0; at + 8 <= bytes.size();) {
    const uint32_t length = read_u32(bytes, at);
    EXPECT_EQ(read_u32(bytes, at + 4), generation);
    written.text += bytes.substr(at + 8, length);
    written.frames++;
    written.largest_frame = std::max<size_t>(written.largest_frame, length + 8);
    at += 8 + length;
    written.ended = length == 0 && at == bytes.size();
  }
}

/// Runs a query with its output in a file.
inline Written run_query(SqlConnection& connection, QueryRequest request) {
  std::FILE* file = std::tmpfile();
  static uint32_t generation = 0;
  request.generation = ++generation;
  request.output_fd = fileno(file);
  Written written;
  written.outcome = connection.run(request);
  std::string bytes(static_cast<size_t>(std::filesystem::file_size("/proc/self/fd/" +
                                                                   std::to_string(fileno(file)))),
                    '\0');
  std::rewind(file);
  const size_t got = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  take_frames(bytes.substr(0, got), request.generation, written);
  return written;
}

inline Written run_sql(SqlConnection& connection, const std::string& sql,
                       ResultFormat format = ResultFormat::ndjson) {
  QueryRequest request;
  request.sql = sql;
  request.format = format;
  return run_query(connection, std::move(request));
}

inline std::string error_of(const Written& written) {
  return written.outcome.error ? written.outcome.error->code + ": " + written.outcome.error->message
                               : "";
}

}  // namespace auditql::test
