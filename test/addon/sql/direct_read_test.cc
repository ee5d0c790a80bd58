// Rows that are read past the statement are those that the statement would give.
#include "sql/event_tables/direct_read.h"

#include <sys/ioctl.h>

#include <random>
#include <thread>

#include "sample_events.h"

namespace auditql::test {
namespace {

constexpr size_t kRows = 3000;

bool is_direct(Connection& connection, const std::string& sql) {
  connection.sql();
  return handed_on_columns(connection.db(), sql).has_value();
}

std::string random_columns(std::mt19937& random) {
  std::vector<std::string> names;
  for (const ColumnSpec& column : kProcessEvents.columns) names.emplace_back(column.name);
  std::shuffle(names.begin(), names.end(), random);
  std::string columns;
  for (size_t i = 0; i < 1 + random() % 30; i++) {
    columns += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
  }
  return columns;
}

Written run(SampleEvents& events, const std::string& sql, ResultFormat format,
            uint64_t max_rows = 0) {
  QueryRequest request;
  request.sql = sql;
  request.format = format;
  request.max_rows = max_rows;
  return run_query(events.connection.sql(), request);
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  claim("every format shows every column as it does when the statement steps", [] {
    SampleEvents events(kRows);
    std::mt19937 random(3);
    constexpr ResultFormat kFormats[] = {ResultFormat::ndjson, ResultFormat::csv,
                                         ResultFormat::json, ResultFormat::osquery,
                                         ResultFormat::osquery_numerics};
    for (int i = 0; i < 60; i++) {
      const std::string columns = random_columns(random);
      const std::string direct = "SELECT " + columns + " FROM process_events";
      // A condition that SQLite has to look at keeps it to its steps.
      const std::string stepped = direct + " WHERE +ntime >= 0";
      EXPECT(is_direct(events.connection, direct));
      EXPECT(!is_direct(events.connection, stepped));
      const ResultFormat format = kFormats[i % 5];
      const uint64_t max_rows = i % 3 == 0 ? 256 + random() % kRows : 0;
      const Written one = run(events, direct, format, max_rows);
      const Written other = run(events, stepped, format, max_rows);
      EXPECT(one.text == other.text);
      EXPECT_EQ(one.outcome.rows, max_rows == 0 ? kRows : std::min<uint64_t>(max_rows, kRows));
      EXPECT(one.outcome.truncated_by == other.outcome.truncated_by);
      EXPECT(one.ended);
    }
  });

  claim("row numbers, orders and windows hold", [] {
    SampleEvents events(kRows);
    for (const char* sql : {"SELECT eid, path FROM process_events ORDER BY eid DESC",
                            "SELECT eid, path FROM process_events WHERE eid > 100",
                            "SELECT eid, path FROM process_events WHERE eid BETWEEN 10 AND 900"}) {
      EXPECT(is_direct(events.connection, sql));
      const std::string slow = std::string("SELECT eid, path || '' AS path FROM (") + sql + ")";
      EXPECT(!is_direct(events.connection, slow));
      EXPECT(run(events, sql, ResultFormat::ndjson).text ==
             run(events, slow, ResultFormat::ndjson).text);
    }
    QueryRequest request;
    request.sql = "SELECT eid FROM process_events";
    request.windows["process_events"] = {1000, 2000};
    EXPECT_EQ(run_query(events.connection.sql(), request).outcome.rows, uint64_t{1000});
  });

  claim("whatever does more than hand columns on is left to SQLite", [] {
    SampleEvents events(kRows);
    for (const char* sql :
         {"SELECT pid + 1 FROM process_events", "SELECT 1, pid FROM process_events",
          "SELECT rowid FROM process_events", "SELECT DISTINCT path FROM process_events",
          "SELECT a.pid, b.pid FROM process_events a, process_events b",
          "SELECT pid FROM process_events ORDER BY path", "SELECT pid FROM process_events LIMIT 9",
          "SELECT max(pid) FROM process_events", "SELECT pid FROM process_events WHERE uid = 0",
          "SELECT pid FROM process_events UNION ALL SELECT pid FROM process_events",
          "SELECT pid, row_number() OVER () FROM process_events", "VALUES (1)",
          "SELECT (SELECT max(pid) FROM socket_events), pid FROM process_events"}) {
      EXPECT(!is_direct(events.connection, sql));
    }
  });

  claim("a cancel ends it soon", [] {
    SampleEvents events(20'000);
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    QueryRequest request;
    request.generation = 7;
    request.sql = "SELECT path, cmdline, eid FROM process_events";
    request.output_fd = ends[1];
    auto& connection = events.connection.sql();
    std::thread canceller([&, watchdog = connection.watchdog()] {
      // Once something is in the pipe, which is then as full as it gets.
      for (int bytes = 0; bytes == 0; std::this_thread::yield()) ioctl(ends[0], FIONREAD, &bytes);
      watchdog->cancel(7);
    });
    // Nobody reads: the pipe fills in the middle of the table.
    const QueryOutcome outcome = connection.run(request);
    canceller.join();
    close(ends[0]);
    close(ends[1]);
    EXPECT(outcome.error.has_value() && outcome.error->code == "query_cancelled");
    EXPECT(outcome.rows > 256 && outcome.rows < 20'000);
  });

  return run_claims(argc, argv);
}
