#include "query_runner.h"

#include <chrono>

#include "../store/generated/event_tables.h"
#include "count_plan.h"
#include "direct_read.h"
#include "frame_writer.h"

namespace auditql {

namespace {

Error sql_error(std::string message) { return Error{"sql_error", std::move(message)}; }

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

std::string interruption_message(Interruption why, uint64_t timeout_ms) {
  if (why == Interruption::timeout) {
    return "the query ran longer than " + std::to_string(timeout_ms) + " ms";
  }
  return "the query was cancelled";
}

}  // namespace

/// Formats rows and sends them, within the request's bounds.
class QueryRunner::Output {
 public:
  Output(const QueryRequest& request, sqlite3_stmt* statement, FrameWriter& frames)
      : request_(request), format_(request.format, statement), frames_(frames) {}

  const std::vector<std::string>& columns() const { return format_.columns(); }

  bool start() {
    format_.append_head(text_);
    return send();
  }
  /// False when the row is not taken: a bound is reached (see truncation()) or the reader is gone.
  bool take(ResultRow& row) {
    if (request_.max_rows > 0 && rows_ >= request_.max_rows) return truncate(Truncation::rows);
    format_.append_row(text_, row, rows_ == 0);
    if (request_.max_bytes > 0 && frames_.bytes() + text_.size() > request_.max_bytes) {
      text_.clear();
      return truncate(Truncation::bytes);
    }
    rows_++;
    return send();
  }
  bool refused() const { return refused_; }
  bool finish() {
    format_.append_tail(text_, rows_ > 0);
    return send();
  }
  uint64_t rows() const { return rows_; }
  Truncation truncation() const { return truncation_; }

 private:
  bool truncate(Truncation by) {
    truncation_ = by;
    return false;
  }
  bool send() {
    refused_ = !frames_.write(text_);
    text_.clear();
    return !refused_;
  }

  const QueryRequest& request_;
  RowFormat format_;
  FrameWriter& frames_;
  std::string text_;
  uint64_t rows_ = 0;
  Truncation truncation_ = Truncation::none;
  bool refused_ = false;
};

Result<QueryRunner::Statement> QueryRunner::prepare(const std::string& sql) {
  if (sql.find('\0') != std::string::npos) return sql_error("the statement contains a NUL byte");
  parts_.authorizer.start_recording();
  parts_.view.forget_planned();
  const char* rest = sql.c_str();
  Statement prepared;
  while (*rest != '\0') {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(parts_.db, rest, -1, &statement, &rest);
    Statement next(statement);
    // Comments, blanks and semicolons prepare to nothing.
    if (code == SQLITE_OK && next == nullptr) continue;
    if (prepared != nullptr) return sql_error("one statement at a time");
    if (code != SQLITE_OK) return error_of(code);
    prepared = std::move(next);
  }
  if (prepared == nullptr) return sql_error("the statement is empty");
  if (sqlite3_stmt_readonly(prepared.get()) == 0) return sql_error("tables are read-only");
  return prepared;
}

Error QueryRunner::error_of(int code) const {
  if ((code & 0xFF) == SQLITE_NOMEM) {
    return Error{"query_memory", "the query needs more memory than it may use"};
  }
  const bool denied = (code & 0xFF) == SQLITE_AUTH && !parts_.authorizer.denial().empty();
  return sql_error(denied ? parts_.authorizer.denial() : sqlite3_errmsg(parts_.db));
}

Status QueryRunner::bind(sqlite3_stmt* statement, const QueryRequest& request) {
  const auto count = static_cast<size_t>(sqlite3_bind_parameter_count(statement));
  if (request.positional.size() > count) {
    return sql_error(std::to_string(request.positional.size()) + " parameters are given, but " +
                     std::to_string(count) + " are used");
  }
  for (size_t i = 0; i < request.positional.size(); i++) {
    const int code = bind_sql_value(statement, static_cast<int>(i + 1), request.positional[i]);
    if (code != SQLITE_OK) return error_of(code);
  }
  for (const auto& [name, value] : request.named) {
    const int index = parameter_index(statement, name);
    if (index == 0) return sql_error("no parameter is named " + name);
    const int code = bind_sql_value(statement, index, value);
    if (code != SQLITE_OK) return error_of(code);
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
    const Statement statement = prepared.take();
    outcome.event_tables = event_tables();
    Output output(request, statement.get(), frames);
    outcome.columns = output.columns();
    const Status bound = bind(statement.get(), request);
    const bool counts =
        bound.ok() && parts_.authorizer.calls_count() && is_count_of_rows(parts_.db, request.sql);
    parts_.view.set_counting(counts);
    error = bound.ok() ? step_all(statement.get(), output, outcome) : bound.error();
  }
  // A slow reader of the last bytes has until the deadline, as for all others.
  const bool finished = frames.finish();
  watchdog.end();
  const Interruption why = watchdog.interruption();
  if (error && why != Interruption::none) {
    error = Error{why == Interruption::timeout ? "query_timeout" : "query_cancelled",
                  interruption_message(why, request.timeout_ms)};
  }
  if (!finished && !error) error = Error{"result_refused", "the reader is gone"};
  outcome.bytes = frames.bytes();
  return error;
}

std::optional<Error> QueryRunner::step_all(sqlite3_stmt* statement, Output& output,
                                           QueryOutcome& outcome) {
  StatementRow row(statement);
  bool taken = output.start();
  std::optional<Error> error;
  int code = SQLITE_ROW;
  while (taken && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    taken = output.take(row);
    if (!taken || output.rows() != kRowsBeforeDirect) continue;
    const auto columns = handed_on_columns(parts_.db, sqlite3_sql(statement));
    OpenRows* rows = parts_.view.open_rows();
    if (!columns || rows == nullptr) continue;
    error = read_on(*rows, *columns, output);
    taken = error == std::nullopt && !output.refused();
    break;
  }
  outcome.rows = output.rows();
  outcome.truncated_by = output.truncation();
  if (error) return error;
  if (code != SQLITE_ROW && code != SQLITE_DONE) return error_of(code);
  const bool whole = taken || output.truncation() != Truncation::none;
  if (whole && output.finish()) return std::nullopt;
  return Error{"result_refused", "the reader is gone"};
}

/// The rest of the rows without a step of the statement for each.
std::optional<Error> QueryRunner::read_on(OpenRows& rows, std::vector<uint16_t> columns,
                                          Output& output) {
  DirectRow row(rows, std::move(columns));
  while (rows.advance()) {
    if (sqlite3_is_interrupted(parts_.db) != 0) return sql_error("interrupted");
    if (!output.take(row)) return std::nullopt;
  }
  if (rows.damaged()) return sql_error("files of the table were damaged under the query");
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
  const Statement statement = prepared.take();
  StatementInfo info;
  info.columns = RowFormat(ResultFormat::ndjson, statement.get()).columns();
  info.event_tables = event_tables();
  info.reads_facts = reads_facts();
  info.parameter_count = sqlite3_bind_parameter_count(statement.get());
  return info;
}

}  // namespace auditql
