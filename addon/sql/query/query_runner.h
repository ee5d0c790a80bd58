#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../event_tables/event_view.h"
#include "../values/sql_value.h"
#include "authorizer.h"
#include "query_watchdog.h"
#include "result_output.h"

namespace auditql {

struct QueryRequest {
  uint32_t generation = 0;  ///< cancels name it; rises with each query
  std::string sql;
  std::vector<SqlValue> positional;
  std::vector<std::pair<std::string, SqlValue>> named;  ///< names without `:`, `@` or `$`
  bool allow_unbound = false;  ///< parameters that are not given are NULL, as in osquery
  ResultFormat format = ResultFormat::ndjson;
  int output_fd = -1;
  uint64_t timeout_ms = 0;  ///< 0: no bound, as below
  uint64_t max_rows = 0;
  uint64_t max_bytes = 0;
  EventWindows windows;
};

struct QueryOutcome {
  std::vector<std::string> columns;  ///< of the first statement, then what others have more
  std::vector<std::string> types;    ///< declared; empty for an expression
  uint64_t rows = 0;
  uint64_t bytes = 0;
  double elapsed_ms = 0;
  Truncation truncated_by = Truncation::none;
  uint64_t evicted_rows = 0;
  std::vector<std::string> event_tables;
  std::optional<Error> error;
};

struct StatementInfo {
  std::vector<std::string> columns;
  std::vector<std::string> event_tables;
  /// Whether it reads what is found out about events after they are stored: columns of kind `fact`,
  /// or a fact table itself.
  bool reads_facts = false;
  /// Why tables reject to be read as it reads them, a sentence each: it fails when it reaches one.
  std::set<std::string> rejections;
  int parameter_count = 0;
  int statement_count = 0;
};

/// Runs queries and writes their rows to a descriptor, on the calling thread. A query is a
/// statement, or several with semicolons between them: they are all prepared before the first is
/// run, see the same events, share the query's bounds, and their rows follow one another.
class QueryRunner {
 public:
  struct Parts {
    sqlite3* db;
    Authorizer& authorizer;
    EventView& view;
    QueryWatchdog& watchdog;
  };
  explicit QueryRunner(const Parts& parts) : parts_(parts) {}

  /// Error codes: sql_error, query_timeout, query_cancelled, query_memory, result_refused.
  QueryOutcome run(const QueryRequest& request);
  /// Prepares only.
  Result<StatementInfo> inspect(const std::string& sql);

 private:
  struct StatementCloser {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, StatementCloser>;

  using Statements = std::vector<Statement>;

  Result<Statements> prepare(const std::string& sql);
  struct ResultColumns {
    std::vector<std::string> names;
    std::vector<std::string> types;
  };
  static ResultColumns all_columns(const Statements& statements);
  static bool have_same_columns(const Statements& statements);
  Status bind(const Statements& statements, const QueryRequest& request);
  std::optional<Error> execute(const QueryRequest& request, QueryOutcome& outcome);
  std::optional<Error> run_all(const Statements& statements, ResultOutput& output);
  std::optional<Error> step_all(sqlite3_stmt* statement, ResultOutput& output);
  std::optional<Error> read_on(OpenRows& rows, std::vector<uint16_t> columns, ResultOutput& output);
  std::vector<std::string> event_tables() const;
  bool reads(const TableSpec& table) const;
  bool reads_facts() const;
  Error error_of(int code) const;

  Parts parts_;
};

}  // namespace auditql
