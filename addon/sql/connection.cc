#include "connection.h"

#include "../store/generated/event_tables.h"
#include "event_tables/count_plan.h"
#include "event_tables/event_table_module.h"
#include "event_tables/health_table_module.h"
#include "event_tables/lineage_module.h"
#include "functions/functions.h"
#include "state_tables/state_table_module.h"

namespace auditql {

namespace {

struct Limit {
  int id;
  int value;
};
// Values are bounded so that one function call cannot take the memory of a worker.
constexpr Limit kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 32 << 20},          {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    {SQLITE_LIMIT_EXPR_DEPTH, 1000},          {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4096}, {SQLITE_LIMIT_WORKER_THREADS, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
};

Error connection_error(sqlite3* db, const std::string& tried) {
  return Error{"sql_error", tried + ": " + sqlite3_errmsg(db)};
}

Error closed_error() { return Error{"sql_error", "the database connection is closed"}; }

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace

Result<std::shared_ptr<SqlConnection>> SqlConnection::open(sqlite3* db) {
  std::shared_ptr<SqlConnection> connection(new SqlConnection(db));
  int code = connection->configure();
  if (code == SQLITE_OK) code = connection->register_everything();
  if (code == SQLITE_OK) code = connection->authorizer_.install(db);
  if (code != SQLITE_OK) return connection_error(db, "set up the connection");
  return connection;
}

SqlConnection::~SqlConnection() { watchdog_->stop(); }

int SqlConnection::configure() {
  // osquery's users write "text"; better-sqlite3 is compiled to refuse that.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  for (const Limit& limit : kLimits) sqlite3_limit(db_, limit.id, limit.value);
  // Sorters and temporary indexes stay out of the file system.
  return sqlite3_exec(db_, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr);
}

int SqlConnection::register_everything() {
  int code = register_functions(db_);
  if (code == SQLITE_OK) code = register_count(db_, view_);
  if (code == SQLITE_OK) code = register_health_table(db_, view_);
  if (code == SQLITE_OK) code = register_lineage_tables(db_, view_);
  for (const TableSpec* spec : kEventTables) {
    if (code == SQLITE_OK) code = register_event_table(db_, *spec, view_);
  }
  return code;
}

Status SqlConnection::define_table(StateTable table, std::shared_ptr<TableGenerator> generator) {
  if (db_ == nullptr) return closed_error();
  const std::string name = table.name;
  const int code = register_state_table(db_, std::move(table), std::move(generator));
  if (code != SQLITE_OK) return connection_error(db_, "define table " + name);
  return Done{};
}

Status SqlConnection::remove_table(const std::string& name) {
  if (db_ == nullptr) return closed_error();
  const int code = sqlite3_create_module_v2(db_, name.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return connection_error(db_, "remove table " + name);
  return Done{};
}

Status SqlConnection::define_view(const std::string& name, const std::string& select) {
  if (db_ == nullptr) return closed_error();
  const Authorizer::ViewDefinition allowed(authorizer_);
  const std::string sql = "CREATE VIEW " + quoted(name) + " AS " + select;
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return connection_error(db_, "define view " + name);
  }
  return Done{};
}

QueryOutcome SqlConnection::run(const QueryRequest& request) {
  if (db_ != nullptr) return runner().run(request);
  QueryOutcome outcome;
  outcome.error = closed_error();
  return outcome;
}

Result<StatementInfo> SqlConnection::inspect(const std::string& sql) {
  if (db_ == nullptr) return closed_error();
  return runner().inspect(sql);
}

}  // namespace auditql
