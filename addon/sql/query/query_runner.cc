#include "query_runner.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_set>

#include "../../store/generated/event_tables.h"
#include "../event_tables/count_plan.h"
#include "../event_tables/direct_read.h"
#include "../event_tables/statement_program.h"
#include "../state_tables/state_plan.h"
#include "frame_writer.h"

namespace auditql {

namespace {

Error sql_error(std::string message) { return Error{"sql_error", std::move(message)}; }

/// Of parameters that do not fit the statement.
Error request_invalid(std::string message) { return Error{"request_invalid", std::move(message)}; }

/// Each takes memory while the others run.
constexpr size_t kMostStatements = 100;

/// So many rows pay for a look at the statement's program.
constexpr uint64_t kRowsBeforeDirect = 256;

/// Tables whose functions read process_events without naming it.
constexpr std::string_view kLineageTables[] = {"process_ancestry", "process_descendants"};

int parameter_index(sqlite3_stmt* statement, const std::string& name) {
  for (const char* prefix : {":", "@", "$"}) {
    const int index = sqlite3_bind_parameter_index(statement, (prefix + name).c_str());
    if (index > 0) return index;
  }
  return 0;
}

/// SQLite takes a parameter that is not bound for NULL, which equals nothing: a statement that
/// misses one would find no rows, without an error.
std::optional<Error> missing_parameter(sqlite3_stmt* statement, const QueryRequest& request) {
  const auto count = static_cast<size_t>(sqlite3_bind_parameter_count(statement));
  if (sqlite3_stmt_isexplain(statement) != 0 || request.positional.size() >= count) return {};
  if (request.named.empty()) {
    return request_invalid(std::to_string(request.positional.size()) +
                           " parameters were given, but " + std::to_string(count) +
                           " are required");
  }
  for (size_t i = 1; i <= count; i++) {
    const char* name = sqlite3_bind_parameter_name(statement, static_cast<int>(i));
    if (name == nullptr) {
      return request_invalid("parameter " + std::to_string(i) +
                             " has no name: pass all parameters as a list");
    }
    const bool given = std::any_of(
        request.named.begin(), request.named.end(),
        [name](const auto& parameter) { return parameter.first == std::string_view(name + 1); });
    if (!given) return request_invalid(std::string("missing value of parameter ") + name);
  }
  return {};
}

/// https://www.sqlite.org/c3ref/column_decltype.html: through views and subqueries, too.
std::vector<std::string> declared_types(sqlite3_stmt* statement) {
  std::vector<std::string> types;
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; i++) {
    const char* type = sqlite3_column_decltype(statement, i);
    types.emplace_back(type == nullptr ? "" : type);
  }
  return types;
}

/// Of the tables that the statement reads by a plan that they reject. It is prepared once more.
std::set<std::string> rejections_of(sqlite3* db, sqlite3_stmt* statement) {
  std::set<std::string> reasons;
  for (const Instruction& each : program_of(db, sqlite3_sql(statement))) {
    if (each.opcode != "VFilter") continue;
    if (auto reason = rejection_of_plan(each.p4)) reasons.insert(std::move(*reason));
  }
  return reasons;
}

std::string interruption_message(Interruption why, uint64_t timeout_ms) {
  if (why == Interruption::timeout) {
    return "the query timed out after " + std::to_string(timeout_ms) + " ms";
  }
  return "the query was cancelled";
}

}  // namespace

Result<QueryRunner::Statements> QueryRunner::prepare(const std::string& sql) {
  if (sql.find('\0') != std::string::npos) return sql_error("the statement contains a NUL byte");
  parts_.authorizer.start_recording();
  parts_.view.forget_planned();
  const char* rest = sql.c_str();
  Statements prepared;
  while (*rest != '\0') {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(parts_.db, rest, -1, &statement, &rest);
    Statement next(statement);
    // Comments, blanks and semicolons prepare to nothing.
    if (code == SQLITE_OK && next == nullptr) continue;
    if (code != SQLITE_OK) return error_of(code);
    if (sqlite3_stmt_readonly(statement) == 0) return sql_error("tables are read-only");
    if (prepared.size() == kMostStatements) return sql_error("more than 100 statements");
    prepared.push_back(std::move(next));
  }
  if (prepared.empty()) return sql_error("the statement is empty");
  const auto is_explain = [](const Statement& each) {
    return sqlite3_stmt_isexplain(each.get()) != 0;
  };
  // It explains the statement that it stands before, and the others would be run.
  if (prepared.size() > 1 && std::any_of(prepared.begin(), prepared.end(), is_explain)) {
    return sql_error("EXPLAIN requires a single statement");
  }
  return prepared;
}

Error QueryRunner::error_of(int code) const {
  if ((code & 0xFF) == SQLITE_NOMEM) {
    return Error{"query_memory", "the query exceeded its memory limit"};
  }
  const bool denied = (code & 0xFF) == SQLITE_AUTH && !parts_.authorizer.denial().empty();
  return sql_error(denied ? parts_.authorizer.denial() : sqlite3_errmsg(parts_.db));
}

QueryRunner::ResultColumns QueryRunner::all_columns(const Statements& statements) {
  ResultColumns all;
  std::unordered_set<std::string> known;
  for (const Statement& each : statements) {
    const bool is_first = &each == &statements.front();
    std::vector<std::string> names = column_names(each.get());
    std::vector<std::string> types = declared_types(each.get());
    for (size_t i = 0; i < names.size(); i++) {
      if (!known.insert(names[i]).second && !is_first) continue;
      all.names.push_back(std::move(names[i]));
      all.types.push_back(std::move(types[i]));
    }
  }
  return all;
}

bool QueryRunner::have_same_columns(const Statements& statements) {
  const std::vector<std::string> first = column_names(statements.front().get());
  return std::all_of(statements.begin(), statements.end(),
                     [&first](const Statement& each) { return column_names(each.get()) == first; });
}

Status QueryRunner::bind(const Statements& statements, const QueryRequest& request) {
  const bool given = !request.positional.empty() || !request.named.empty();
  if (given && statements.size() > 1)
    return request_invalid("parameters require a single statement");
  if (request.format == ResultFormat::csv && !have_same_columns(statements)) {
    return sql_error("all statements of a CSV result must have the same columns");
  }
  sqlite3_stmt* statement = statements.front().get();
  const auto count = static_cast<size_t>(sqlite3_bind_parameter_count(statement));
  if (request.positional.size() > count) {
    return request_invalid(std::to_string(request.positional.size()) +
                           " parameters were given, but " + std::to_string(count) +
                           " are required");
  }
  for (size_t i = 0; i < request.positional.size(); i++) {
    const int code = bind_sql_value(statement, static_cast<int>(i + 1), request.positional[i]);
    if (code != SQLITE_OK) return error_of(code);
  }
  for (const auto& [name, value] : request.named) {
    const int index = parameter_index(statement, name);
    if (index == 0) return request_invalid("no parameter is named " + name);
    const int code = bind_sql_value(statement, index, value);
    if (code != SQLITE_OK) return error_of(code);
  }
  if (!request.allow_unbound) {
    for (const Statement& each : statements) {
      if (const auto missing = missing_parameter(each.get(), request)) return *missing;
    }
  }
  return Done{};
}

QueryOutcome QueryRunner::run(const QueryRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  QueryOutcome outcome;
  parts_.view.begin(request.windows);
  outcome.error = execute(request, outcome);
  outcome.evicted_rows = parts_.view.evicted();
  parts_.view.end();
  outcome.elapsed_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

std::optional<Error> QueryRunner::execute(const QueryRequest& request, QueryOutcome& outcome) {
  QueryWatchdog& watchdog = parts_.watchdog;
  watchdog.begin({parts_.db, request.generation, request.timeout_ms});
  FrameWriter frames(request.output_fd, request.generation,
                     [&] { return watchdog.interruption() != Interruption::none; });
  std::optional<Error> error;
  auto prepared = prepare(request.sql);
  if (!prepared.ok()) {
    error = prepared.error();
  } else {
    const Statements statements = prepared.take();
    outcome.event_tables = event_tables();
    ResultColumns columns = all_columns(statements);
    outcome.columns = std::move(columns.names);
    outcome.types = std::move(columns.types);
    const Status bound = bind(statements, request);
    ResultOutput output(request.format, {request.max_rows, request.max_bytes}, frames);
    error = bound.ok() ? run_all(statements, output) : bound.error();
    outcome.rows = output.rows();
    outcome.truncated_by = output.truncation();
  }
  // A slow reader of the last bytes has until the deadline, as for all others.
  const bool finished = frames.finish();
  watchdog.end();
  const Interruption why = watchdog.interruption();
  if (error && why != Interruption::none) {
    error = Error{why == Interruption::timeout ? "query_timeout" : "query_cancelled",
                  interruption_message(why, request.timeout_ms)};
  }
  if (!finished && !error) error = Error{"result_refused", "the client closed the connection"};
  outcome.bytes = frames.bytes();
  return error;
}

std::optional<Error> QueryRunner::run_all(const Statements& statements, ResultOutput& output) {
  for (const Statement& each : statements) {
    const bool counts =
        parts_.authorizer.calls_count() && is_count_of_rows(parts_.db, sqlite3_sql(each.get()));
    parts_.view.set_counting(counts);
    if (auto error = step_all(each.get(), output)) return error;
    sqlite3_reset(each.get());  // rows that were read past it leave its cursors open
    if (output.truncation() != Truncation::none) break;
  }
  if (output.finish()) return std::nullopt;
  return Error{"result_refused", "the client closed the connection"};
}

std::optional<Error> QueryRunner::step_all(sqlite3_stmt* statement, ResultOutput& output) {
  StatementRow row(statement);
  bool taken = output.open(statement);
  const uint64_t before = output.rows();
  std::optional<Error> error;
  int code = SQLITE_ROW;
  while (taken && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    taken = output.take(row);
    if (!taken || output.rows() - before != kRowsBeforeDirect) continue;
    const auto columns = handed_on_columns(parts_.db, sqlite3_sql(statement));
    OpenRows* rows = parts_.view.open_rows();
    if (!columns || rows == nullptr) continue;
    error = read_on(*rows, *columns, output);
    taken = error == std::nullopt && !output.refused();
    break;
  }
  if (error) return error;
  if (code != SQLITE_ROW && code != SQLITE_DONE) return error_of(code);
  if (taken || output.truncation() != Truncation::none) return std::nullopt;
  return Error{"result_refused", "the client closed the connection"};
}

/// The rest of the rows without a step of the statement for each.
std::optional<Error> QueryRunner::read_on(OpenRows& rows, std::vector<uint16_t> columns,
                                          ResultOutput& output) {
  DirectRow row(rows, std::move(columns));
  while (rows.advance()) {
    if (sqlite3_is_interrupted(parts_.db) != 0) return sql_error("interrupted");
    if (!output.take(row)) return std::nullopt;
  }
  if (rows.damaged()) return sql_error("files of the table were damaged during the query");
  return std::nullopt;
}

std::vector<std::string> QueryRunner::event_tables() const {
  const auto& read = parts_.authorizer.tables_read();
  bool lineage = false;
  for (const std::string_view each : kLineageTables) lineage |= read.contains(each);
  std::vector<std::string> tables;
  for (const TableSpec* spec : kEventTables) {
    const bool hidden = lineage && spec == &kProcessEvents;
    if (hidden || reads(*spec)) tables.emplace_back(spec->name);
  }
  return tables;
}

bool QueryRunner::reads(const TableSpec& table) const {
  return parts_.view.is_planned(table) ||
         parts_.authorizer.tables_read().contains(std::string(table.name));
}

bool QueryRunner::reads_facts() const {
  const Authorizer& authorizer = parts_.authorizer;
  for (const TableSpec* spec : kEventTables) {
    for (const ColumnSpec& column : spec->columns) {
      if (column.facts == nullptr) continue;
      const std::string name = std::string(spec->name).append(".").append(column.name);
      if (authorizer.columns_read().contains(name)) return true;
      if (reads(*column.facts)) return true;
    }
  }
  return false;
}

Result<StatementInfo> QueryRunner::inspect(const std::string& sql) {
  auto prepared = prepare(sql);
  if (!prepared.ok()) return prepared.error();
  const Statements statements = prepared.take();
  StatementInfo info;
  info.columns = all_columns(statements).names;
  info.statement_count = static_cast<int>(statements.size());
  info.event_tables = event_tables();
  info.reads_facts = reads_facts();
  for (const Statement& each : statements) {
    info.parameter_count += sqlite3_bind_parameter_count(each.get());
    info.rejections.merge(rejections_of(parts_.db, each.get()));
  }
  return info;
}

}  // namespace auditql
