// Queries of several statements: one result, one set of bounds, one view of the events.
#include <csignal>

#include "sample_events.h"

namespace auditql::test {
namespace {

constexpr size_t kRows = 1000;

Written run(const std::string& sql, ResultFormat format = ResultFormat::ndjson) {
  Connection connection;
  return run_sql(connection.sql(), sql, format);
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;
  std::signal(SIGPIPE, SIG_IGN);

  claim("rows follow one another, each with the columns of its statement", [] {
    const Written found = run("SELECT 1 AS a, 2 AS b; -- and\n SELECT 3 AS c, 4 AS a;;");
    EXPECT_EQ(found.text, "{\"a\":1,\"b\":2}\n{\"c\":3,\"a\":4}\n");
    EXPECT_EQ(found.outcome.rows, 2u);
    const std::vector<std::string> columns = {"a", "b", "c"};
    EXPECT(found.outcome.columns == columns);
    EXPECT(found.outcome.types == std::vector<std::string>(3));
    EXPECT(
        run("SELECT name AS n, rows + 1 FROM (SELECT name, rows FROM (SELECT name, value AS rows "
            "FROM auditql_health)); SELECT name, stage AS n FROM auditql_health")
            .outcome.types == std::vector<std::string>({"TEXT", "", "TEXT"}));
    EXPECT(run("SELECT 1 AS a, 2 AS a").outcome.columns == std::vector<std::string>({"a", "a"}));
    EXPECT_EQ(run("SELECT 1 AS a WHERE 0; SELECT 2 AS b", ResultFormat::osquery).text,
              "{\"b\":\"2\"}\n");
  });

  claim("json is one array, and csv one table", [] {
    EXPECT_EQ(run("SELECT 1 AS a; SELECT 2 AS b", ResultFormat::json).text,
              "[\n{\"a\":1},\n{\"b\":2}\n]\n");
    EXPECT_EQ(run("SELECT 1 AS a WHERE 0; SELECT 2 AS a", ResultFormat::csv).text, "a\r\n2\r\n");
    EXPECT_EQ(error_of(run("SELECT 1 AS a; SELECT 2 AS b", ResultFormat::csv)),
              "sql_error: all statements of a CSV result must have the same columns");
  });

  claim("nothing is run where one of the statements is wrong, or may not be", [] {
    for (const char* last :
         {"nonsense", "DELETE FROM process_events", "ATTACH ':memory:' AS x", "BEGIN"}) {
      const Written found = run(std::string("SELECT 1; ") + last);
      EXPECT(found.outcome.error.has_value());
      EXPECT_EQ(found.text, "");
    }
    EXPECT_EQ(error_of(run("EXPLAIN SELECT 1; SELECT 2")),
              "sql_error: EXPLAIN requires a single statement");
  });

  claim("an error on the way ends the query, and tells", [] {
    const Written found = run("SELECT 1 AS a; SELECT sqrt(-1) AS a; SELECT 3 AS a");
    EXPECT_EQ(found.text, "{\"a\":1}\n");
    EXPECT(found.outcome.error.has_value());
    EXPECT(found.ended);
  });

  claim("there are at most 100, without parameters", [] {
    std::string many;
    for (int i = 0; i < 100; i++) many += "SELECT " + std::to_string(i) + " AS a;";
    EXPECT_EQ(run(many).outcome.rows, 100u);
    EXPECT_EQ(error_of(run(many + "SELECT 1")), "sql_error: more than 100 statements");
    Connection connection;
    QueryRequest request;
    request.sql = "SELECT ? AS a; SELECT ? AS a";
    request.positional = {int64_t{1}};
    EXPECT_EQ(error_of(run_query(connection.sql(), request)),
              "request_invalid: parameters require a single statement");
  });

  claim("limits hold for all of them together", [] {
    Connection connection;
    QueryRequest request;
    request.sql = "VALUES (1), (2); VALUES (3), (4); VALUES (5)";
    request.max_rows = 3;
    const Written cut = run_query(connection.sql(), request);
    EXPECT_EQ(cut.text, "{\"column1\":1}\n{\"column1\":2}\n{\"column1\":3}\n");
    EXPECT(cut.outcome.truncated_by == Truncation::rows);
    request.max_rows = 5;
    EXPECT(run_query(connection.sql(), request).outcome.truncated_by == Truncation::none);
    request.max_bytes = 30;
    EXPECT(run_query(connection.sql(), request).outcome.truncated_by == Truncation::bytes);
    request.sql =
        "SELECT 1; WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
        "SELECT count(*) FROM c";
    request.timeout_ms = 50;
    EXPECT_EQ(run_query(connection.sql(), request).outcome.error->code, "query_timeout");
  });

  claim("they see the same events, each in full, also where rows are read past the statement", [] {
    SampleEvents events(kRows);
    SqlConnection& sql = events.connection.sql();
    const std::string columns = "SELECT eid, pid, path FROM process_events";
    const std::string once = run_sql(sql, columns).text;
    EXPECT_EQ(run_sql(sql, columns + "; " + columns).text, once + once);
    EXPECT_EQ(run_sql(sql, "SELECT count(*) AS n FROM process_events; " + columns +
                               " LIMIT 300; "
                               "SELECT count(*) AS n FROM process_events")
                  .outcome.rows,
              302u);
    EXPECT_EQ(run_sql(sql,
                      "SELECT count(*) AS n FROM process_events; SELECT count(*) AS n FROM "
                      "process_events, (VALUES (1), (2))")
                  .text,
              "{\"n\":1000}\n{\"n\":2000}\n");
    QueryRequest request;
    request.sql =
        "SELECT count(*) AS n FROM process_events; SELECT max(CAST(eid AS INTEGER)) AS n FROM "
        "process_events";
    request.windows["process_events"] = {10, 30};
    const Written found = run_query(sql, request);
    EXPECT_EQ(found.text, "{\"n\":20}\n{\"n\":30}\n");
    EXPECT(found.outcome.event_tables == std::vector<std::string>{"process_events"});
  });

  claim("inspection tells of all of them", [] {
    SampleEvents events(kRows);
    const auto info = events.connection.sql().inspect(
        "SELECT pid FROM process_events WHERE pid = ?; SELECT pid, fd FROM socket_events");
    EXPECT(info.ok());
    EXPECT_EQ(info.value().statement_count, 2);
    EXPECT_EQ(info.value().parameter_count, 1);
    EXPECT(info.value().columns == std::vector<std::string>({"pid", "fd"}));
    EXPECT(info.value().event_tables ==
           std::vector<std::string>({"process_events", "socket_events"}));
  });

  return run_claims(argc, argv);
}
