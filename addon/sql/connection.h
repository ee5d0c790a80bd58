#pragma once

#include <memory>
#include <string>

#include "event_tables/event_view.h"
#include "query/authorizer.h"
#include "query/query_runner.h"
#include "query/query_watchdog.h"
#include "state_tables/table_generator.h"

namespace auditql {

/// What the extension adds to one SQLite connection. Lives as long as the connection; used on the
/// connection's thread but for watchdog().
class SqlConnection {
 public:
  /// Sets the connection up: functions, collations, tables, limits, read-only authorizer.
  static Result<std::shared_ptr<SqlConnection>> open(sqlite3* db);
  ~SqlConnection();
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;

  /// Serves the event tables and `auditql_health` from a state directory.
  void attach_store(std::string state_directory) { view_.attach(std::move(state_directory)); }
  Status define_table(StateTable table, std::shared_ptr<TableGenerator> generator);
  /// Offers a table no more; one that is not there is none.
  Status remove_table(const std::string& name);
  /// A view that every later statement may read.
  Status define_view(const std::string& name, const std::string& select);

  QueryOutcome run(const QueryRequest& request);
  Result<StatementInfo> inspect(const std::string& sql);
  std::shared_ptr<QueryWatchdog> watchdog() const { return watchdog_; }

  /// Whether the running query is to end: for tables that work long between two rows.
  bool is_interrupted() const { return db_ != nullptr && sqlite3_is_interrupted(db_) != 0; }

  /// For a connection that falls idle.
  void release_store() { view_.release(); }

  /// The connection was closed; what is still asked of it fails.
  void close() { db_ = nullptr; }

 private:
  explicit SqlConnection(sqlite3* db) : db_(db), watchdog_(QueryWatchdog::start()) {}
  int configure();
  int register_everything();
  QueryRunner runner() { return QueryRunner({db_, authorizer_, view_, *watchdog_}); }

  sqlite3* db_;
  EventView view_;
  Authorizer authorizer_;
  std::shared_ptr<QueryWatchdog> watchdog_;
};

}  // namespace auditql
