// Formats, limits, errors and what a statement may not do.
#include "sample_events.h"

namespace auditql::test {
namespace {

std::string text_of(const std::string& sql, ResultFormat format) {
  Connection connection;
  return run_sql(connection.sql(), sql, format).text;
}

std::string error_for(const std::string& sql) {
  Connection connection;
  return error_of(run_sql(connection.sql(), sql));
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;
  claim("ndjson keeps every digit, escapes invalid UTF-8 and writes blobs as base64", [] {
    EXPECT_EQ(text_of("SELECT 9223372036854775807 AS a, 0.1 AS b, 1e308 * 10 AS c, NULL AS d, "
                      "x'00FF10' AS e, 'q\"\\' || char(10) || char(1) AS f, "
                      "CAST(x'61FF62' AS TEXT) AS g, 1.0 AS h",
                      ResultFormat::ndjson),
              "{\"a\":9223372036854775807,\"b\":0.1,\"c\":null,\"d\":null,\"e\":\"AP8Q\","
              "\"f\":\"q\\\"\\\\\\n\\u0001\",\"g\":\"a\\\\xFFb\",\"h\":1.0}\n");
  });

  claim("osquery's format has sorted keys and every value as a string", [] {
    EXPECT_EQ(
        text_of("SELECT 2 AS b, NULL AS a, 1.0 AS d, 0.1 AS c, 1e20 AS e, x'6162' AS f",
                ResultFormat::osquery),
        "{\"a\":\"\",\"b\":\"2\",\"c\":\"0.1\",\"d\":\"1.0\",\"e\":\"1e+20.0\",\"f\":\"ab\"}\n");
  });

  claim("osquery's format with numerics has numbers as rapidjson writes them", [] {
    EXPECT_EQ(text_of("SELECT 2 AS b, NULL AS a, 1.0 AS d, -0.1 AS c, 1e20 AS e, x'6162' AS f, "
                      "1.5e300 AS g, 1e-7 AS h, 0.00001 AS i, 123.456 AS j, '7' AS k, 0.0 AS l, "
                      "1e21 AS m",
                      ResultFormat::osquery_numerics),
              "{\"a\":\"\",\"b\":2,\"c\":-0.1,\"d\":1.0,\"e\":100000000000000000000.0,"
              "\"f\":\"ab\",\"g\":1.5e300,\"h\":1e-7,\"i\":0.00001,\"j\":123.456,"
              "\"k\":\"7\",\"l\":0.0,\"m\":1e21}\n");
  });

  claim("csv quotes what RFC 4180 says and tells NULL from an empty text", [] {
    EXPECT_EQ(text_of("SELECT 1 AS \"a,b\", 'x\"y' AS c, NULL AS d, '' AS e, 'p' || char(13) AS f",
                      ResultFormat::csv),
              "\"a,b\",c,d,e,f\r\n1,\"x\"\"y\",,\"\",\"p\r\"\r\n");
    EXPECT_EQ(text_of("SELECT 1 AS a WHERE 0", ResultFormat::csv), "a\r\n");
  });

  claim("json is one array, also when it is empty or cut", [] {
    EXPECT_EQ(text_of("VALUES (1), (2)", ResultFormat::json),
              "[\n{\"column1\":1},\n{\"column1\":2}\n]\n");
    EXPECT_EQ(text_of("SELECT 1 WHERE 0", ResultFormat::json), "[]\n");
    Connection connection;
    QueryRequest request;
    request.sql = "VALUES (1), (2), (3)";
    request.format = ResultFormat::json;
    request.max_rows = 1;
    const Written written = run_query(connection.sql(), request);
    EXPECT_EQ(written.text, "[\n{\"column1\":1}\n]\n");
    EXPECT(written.outcome.truncated_by == Truncation::rows);
  });

  claim("of columns with the same name the last one counts", [] {
    EXPECT_EQ(text_of("SELECT 1 AS a, 2 AS b, 3 AS a", ResultFormat::ndjson),
              "{\"a\":3,\"b\":2}\n");
  });

  claim("a result that ends exactly at the limit is not called truncated", [] {
    Connection connection;
    QueryRequest request;
    request.sql = "VALUES (1), (2)";
    request.max_rows = 2;
    const Written written = run_query(connection.sql(), request);
    EXPECT_EQ(written.outcome.rows, 2u);
    EXPECT(written.outcome.truncated_by == Truncation::none);
  });

  claim("frames are at most 64 KiB, and one of length 0 ends them", [] {
    Connection connection;
    const Written written =
        run_sql(connection.sql(),
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 500) "
                "SELECT printf('%.*c', 1000, 'x') AS t FROM c");
    EXPECT_EQ(written.outcome.bytes, 500u * 1009u);
    EXPECT_EQ(written.text.size(), 500u * 1009u);
    EXPECT_EQ(written.largest_frame, size_t{64} * 1024);
    EXPECT(written.frames > 7 && written.ended);
    EXPECT(run_sql(connection.sql(), "nonsense").ended);
  });

  claim("the byte limit cuts before the row that would pass it", [] {
    Connection connection;
    QueryRequest request;
    request.sql = "VALUES ('aaaa'), ('bbbb'), ('cccc')";
    request.max_bytes = 45;
    const Written written = run_query(connection.sql(), request);
    EXPECT_EQ(written.outcome.rows, 2u);
    EXPECT(written.outcome.truncated_by == Truncation::bytes && written.text.size() <= 45);
  });

  claim("parameters are bound by position and by name", [] {
    Connection connection;
    QueryRequest request;
    request.sql = "SELECT ?1 AS a, ?2 AS b, typeof(?3) AS c";
    request.positional = {int64_t{7}, std::string("x"), SqlBlob{"y"}};
    EXPECT_EQ(run_query(connection.sql(), request).text, "{\"a\":7,\"b\":\"x\",\"c\":\"blob\"}\n");
    request.sql = "SELECT :n AS a, $m AS b";
    request.positional.clear();
    request.named = {{"m", 1.5}, {"n", SqlValue()}};
    EXPECT_EQ(run_query(connection.sql(), request).text, "{\"a\":null,\"b\":1.5}\n");
    request.named = {{"unknown", SqlValue()}};
    EXPECT_EQ(error_of(run_query(connection.sql(), request)),
              "request_invalid: no parameter is named unknown");
    request.named.clear();
    request.positional.resize(3);
    EXPECT_EQ(error_of(run_query(connection.sql(), request)),
              "request_invalid: 3 parameters were given, but 2 are required");
  });

  claim("a parameter that is not given is an error, and NULL only where that is allowed", [] {
    Connection connection;
    QueryRequest request;
    const auto refusal = [&](const char* sql) {
      request.sql = sql;
      return error_of(run_query(connection.sql(), request));
    };
    EXPECT_EQ(refusal("SELECT ? AS a"),
              "request_invalid: 0 parameters were given, but 1 are required");
    EXPECT_EQ(refusal("SELECT 1; SELECT ?"),
              "request_invalid: 0 parameters were given, but 1 are required");
    EXPECT_EQ(refusal("EXPLAIN QUERY PLAN SELECT ?"), "");
    request.positional = {int64_t{1}};
    EXPECT_EQ(refusal("SELECT ? AS a, :b AS b"),
              "request_invalid: 1 parameters were given, but 2 are required");
    EXPECT_EQ(refusal("SELECT ?1, ?1"), "");
    request.positional.clear();
    request.named = {{"b", int64_t{1}}};
    EXPECT_EQ(refusal("SELECT :b, ?"),
              "request_invalid: parameter 2 has no name: pass all parameters as a list");
    EXPECT_EQ(refusal("SELECT :b, $c"), "request_invalid: missing value of parameter $c");
    EXPECT_EQ(refusal("SELECT :b, :b"), "");
    request.named.clear();
    request.allow_unbound = true;
    request.sql = "SELECT ? AS a";
    EXPECT_EQ(run_query(connection.sql(), request).text, "{\"a\":null}\n");
  });

  claim("an empty query is refused, comments and semicolons are not in the way", [] {
    EXPECT_EQ(error_for(" -- nothing\n;"), "sql_error: the statement is empty");
    EXPECT_EQ(error_for("; SELECT 1 ; /* end */ -- of it"), "");
    EXPECT_EQ(error_for("SELECT * FROM foo"), "sql_error: no such table: foo");
  });

  claim("nothing can be written, attached, loaded or set", [] {
    for (const char* sql : {"ATTACH ':memory:' AS x",
                            "DETACH main",
                            "CREATE TABLE t (a)",
                            "CREATE TEMP TABLE t (a)",
                            "CREATE VIEW v AS SELECT 1",
                            "DROP TABLE process_events",
                            "DELETE FROM process_events",
                            "UPDATE process_events SET pid = 1",
                            "INSERT INTO process_events (pid) VALUES (1)",
                            "PRAGMA journal_mode = wal",
                            "PRAGMA writable_schema = 1",
                            "PRAGMA temp_store = 1",
                            "SELECT * FROM pragma_journal_mode",
                            "VACUUM",
                            "VACUUM INTO '/tmp/x'",
                            "BEGIN",
                            "COMMIT",
                            "SAVEPOINT s",

                            "ANALYZE",
                            "SELECT load_extension('x')",
                            "CREATE VIRTUAL TABLE f USING fts5(a)",
                            "ALTER TABLE process_events RENAME TO x",
                            "DELETE FROM sqlite_master",
                            "SELECT fts3_tokenizer('simple')"}) {
      const std::string error = error_for(sql);
      if (!error.starts_with("sql_error: "))
        std::fprintf(stderr, "allowed: %s: %s\n", sql, error.c_str());
      EXPECT(error.starts_with("sql_error: "));
    }
    EXPECT_EQ(error_for("ATTACH ':memory:' AS x"), "sql_error: ATTACH is not allowed");
    EXPECT_EQ(error_for("PRAGMA journal_mode"), "sql_error: PRAGMA journal_mode is not allowed");
  });

  claim("reading in every form is allowed", [] {
    for (const char* sql :
         {"WITH c AS (SELECT 1) SELECT count(*) FROM c", "EXPLAIN SELECT 1",
          "EXPLAIN QUERY PLAN SELECT * FROM process_events", "PRAGMA table_info(process_events)",
          "SELECT name FROM pragma_table_xinfo('socket_events')", "VALUES (1)",
          "SELECT \"text\" AS a", "SELECT * FROM json_each('[1]')", "SELECT * FROM sqlite_master",
          "SELECT row_number() OVER (ORDER BY x) FROM (SELECT 1 AS x)"}) {
      EXPECT_EQ(error_for(sql), "");
    }
  });

  claim("event tables that a statement reads are named, also behind views and functions", [] {
    Connection connection;
    EXPECT(connection.sql().define_view("recent", "SELECT pid FROM process_events").ok());
    const auto tables = [&](const std::string& sql) {
      const auto info = connection.sql().inspect(sql);
      std::string names;
      if (info.ok()) {
        for (const auto& each : info.value().event_tables) names += each + " ";
      }
      return names;
    };
    EXPECT_EQ(tables("SELECT 1"), "");
    EXPECT_EQ(tables("SELECT count(*) FROM recent"), "process_events ");
    EXPECT_EQ(tables("SELECT * FROM socket_events JOIN recent USING (pid)"),
              "process_events socket_events ");
    for (const char* join :
         {"JOIN process_events USING (pid)", "NATURAL JOIN process_events",
          "LEFT JOIN process_events USING (pid)", "JOIN recent USING (pid)",
          "WHERE pid IN (SELECT pid FROM (SELECT 1 AS uid) JOIN process_events USING (uid))",
          "WHERE EXISTS (SELECT 1 FROM process_events)"}) {
      const std::string sql = std::string("SELECT action FROM socket_events ") + join;
      EXPECT_EQ(tables(sql), "process_events socket_events ");
    }
    EXPECT_EQ(tables("SELECT * FROM process_ancestry('x')"), "process_events ");
    EXPECT_EQ(error_of(run_sql(connection.sql(), "DROP VIEW recent")),
              "sql_error: tables are read-only");
    EXPECT_EQ(connection.sql().inspect("SELEC").error().message, "near \"SELEC\": syntax error");
    EXPECT_EQ(connection.sql().inspect("SELECT ?, ?").value().parameter_count, 2);
  });

  claim("deep recursion in a statement is an error that names the limit", [] {
    const auto nested = [](const char* open, const char* inner, const char* close) {
      std::string sql = "SELECT * FROM (SELECT ";
      for (int i = 0; i < 20'000; i++) sql += open;
      sql += inner;
      for (int i = 0; i < 20'000; i++) sql += close;
      return error_for(sql + ")");
    };
    const std::string recursion = "sql_error: Recursion limit";
    EXPECT_EQ(nested("(", "1", ")"), recursion);
    EXPECT_EQ(nested("NOT ", "1", ""), recursion);
    EXPECT_EQ(nested("abs(", "1", ")"), recursion);
    EXPECT_EQ(nested("(SELECT ", "1", ")"), recursion);
    EXPECT_EQ(nested("CASE WHEN 1 THEN ", "1", " END"), recursion);
    EXPECT_EQ(nested("", "1", "+1"),
              "sql_error: Expression tree is too large (maximum depth 1000)");
    EXPECT_EQ(nested("", "1", " UNION SELECT 1"), "sql_error: too many terms in compound SELECT");
  });

  claim("values too long for a worker are refused", [] {
    EXPECT_EQ(error_for("SELECT zeroblob(500000000)"), "sql_error: string or blob too big");
    EXPECT_EQ(error_for("SELECT length(printf('%1000000000d', 1))"),
              "sql_error: string or blob too big");
    EXPECT_EQ(error_for("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 500) "
                        "SELECT length(group_concat(zeroblob(1000000))) FROM c"),
              "sql_error: string or blob too big");
  });

  return run_claims(argc, argv);
}
