// Derived columns, snapshots, windows, plans and counting of event tables.
#include "sample_events.h"

namespace auditql::test {
namespace {

std::string plan_of(Connection& connection, const std::string& sql) {
  std::string plan;
  for (const std::string& row : connection.rows("EXPLAIN QUERY PLAN " + sql)) {
    plan += row.substr(row.rfind('|') + 1) + "\n";
  }
  return plan;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void append_args(EventTable& table, std::string_view args, std::string_view path) {
  Row row;
  row.set(ProcessEventsColumn::args_bytes, args);
  row.set(ProcessEventsColumn::path, path);
  row.set(ProcessEventsColumn::ntime, uint64_t{1'700'000'001'999'999'999});
  row.set(ProcessEventsColumn::atime, uint64_t{77});
  const UuidBytes uuid = sample_uuid(9);
  row.set(ProcessEventsColumn::process_uuid, uuid);
  table.append(row);
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  claim("derived columns are computed from the stored bytes", [] {
    SampleEvents events(0);
    append_args(*events.table, std::string_view("ls\0-l\0a \"b\"\0", 12), "/bin/ls");
    const auto value = [&](const std::string& column) {
      return events.connection.value("SELECT " + column + " FROM process_events");
    };
    EXPECT_EQ(value("cmdline"), "ls -l a \"b\"");
    EXPECT_EQ(value("args"), "[\"ls\",\"-l\",\"a \\\"b\\\"\"]");
    EXPECT_EQ(value("eid"), "0000000000000001");
    EXPECT_EQ(value("rowid"), "1");
    EXPECT_EQ(value("time"), "1700000001");
    EXPECT_EQ(value("process_uuid"), "a0000000-0000-0000-0000-000000000009");
    EXPECT_EQ(value("hex(path_bytes)"), "2F62696E2F6C73");
    EXPECT_EQ(value("typeof(path_bytes)"), "blob");
    EXPECT_EQ(value("access_time"), "77");
    // Text of osquery's columns is never NULL, in groups either; own columns are.
    EXPECT_EQ(value("typeof(overflows) || length(overflows)"), "text0");
    EXPECT_EQ(value("status"), "NULL");
    EXPECT_EQ(value("typeof(env) || length(environment)"), "text0");
    EXPECT_EQ(value("container_id"), "NULL");
    EXPECT_EQ(value("owner_uid"), "NULL");
    EXPECT_EQ(
        events.connection.value("SELECT typeof(env) || count(*) FROM process_events GROUP BY env"),
        "text1");
    EXPECT_EQ(events.connection.value("SELECT count(env) FROM process_events"), "1");
  });

  claim("bytes that are not UTF-8 are shown as \\xHH and kept whole in the bytes columns", [] {
    SampleEvents events(0);
    append_args(*events.table, std::string_view("a\xFF\xC3\xA9\0\xE2\x82\0", 8),
                "/tmp/\x80\xC3\xA9");
    const auto value = [&](const std::string& column) {
      return events.connection.value("SELECT " + column + " FROM process_events");
    };
    EXPECT_EQ(value("path"), "/tmp/\\x80\xC3\xA9");
    EXPECT_EQ(value("hex(path_bytes)"), "2F746D702F80C3A9");
    EXPECT_EQ(value("cmdline"), "a\\xFF\xC3\xA9 \\xE2\\x82");
    EXPECT_EQ(value("json_extract(args, '$[0]')"), "a\\xFF\xC3\xA9");
    EXPECT_EQ(value("hex(args_bytes)"), "61FFC3A900E28200");
  });

  claim("a table that nothing was stored in is empty", [] {
    StateDirectory state;
    Connection connection;
    connection.sql().attach_store(state.path());
    EXPECT_EQ(connection.value("SELECT count(*) FROM socket_events"), "0");
    EXPECT_EQ(connection.rows("SELECT * FROM process_events").size(), 0u);
  });

  claim("row numbers, keys and times reach the scan, and order by eid needs no sorter", [] {
    SampleEvents events(500);
    const auto plan = [&](const std::string& rest) {
      return plan_of(events.connection, "SELECT path FROM process_events " + rest);
    };
    EXPECT(contains(plan("WHERE pid = 3"), "pid="));
    EXPECT(contains(plan("WHERE pid IN (3, 4)"), "pid="));
    EXPECT(contains(plan("WHERE time BETWEEN 5 AND 9"), "time>= time<="));
    EXPECT(contains(plan("WHERE process_uuid = 'x' AND uid = 2"), "process_uuid="));
    EXPECT(!contains(plan("ORDER BY eid DESC LIMIT 5"), "TEMP B-TREE"));
    EXPECT(!contains(plan("WHERE pid = 3 ORDER BY eid"), "TEMP B-TREE"));
    EXPECT(!contains(plan("ORDER BY eid LIMIT 5 OFFSET 20"), "TEMP B-TREE"));
    EXPECT(contains(plan("ORDER BY eid LIMIT 5 OFFSET 20"), "offset="));
    // Time is not in the order of the rows.
    EXPECT(contains(plan("ORDER BY time"), "TEMP B-TREE"));
  });

  claim("joins look processes up by their key instead of scanning", [] {
    SampleEvents events(500);
    const auto sockets = events.state.open_table(kSocketEvents);
    const std::string plan = plan_of(events.connection,
                                     "SELECT p.path FROM socket_events s JOIN process_events p ON "
                                     "p.process_uuid = s.process_uuid WHERE s.eid > 5");
    EXPECT(contains(plan, "SCAN s") && contains(plan, "process_uuid="));
    EXPECT(contains(plan_of(events.connection,
                            "SELECT a.eid FROM process_events a JOIN process_events b ON "
                            "a.pid = b.parent WHERE b.eid = 9"),
                    "SCAN b VIRTUAL TABLE INDEX 0:eid=\nSCAN a VIRTUAL TABLE INDEX 0:pid="));
  });

  claim("count(*) is answered from the row numbers, and only where it is the same", [] {
    SampleEvents events(1234);
    const auto count = [&](const std::string& sql) {
      return run_sql(events.connection.sql(), sql).text;
    };
    EXPECT_EQ(count("SELECT count(*) AS n FROM process_events"), "{\"n\":1234}\n");
    EXPECT_EQ(count("SELECT count(*) * 2 AS n FROM process_events WHERE eid > 1000"),
              "{\"n\":468}\n");
    EXPECT_EQ(count("SELECT count(*) AS n FROM process_events a, process_events b WHERE b.eid < 3"),
              "{\"n\":2468}\n");
    EXPECT_EQ(count("SELECT count(*) AS n, sum(1) AS s FROM process_events"),
              "{\"n\":1234,\"s\":1234}\n");
    EXPECT_EQ(count("SELECT count(*) FILTER (WHERE rowid % 2) AS n FROM process_events"),
              "{\"n\":617}\n");
    EXPECT_EQ(count("SELECT count(*) AS n FROM (SELECT 1 FROM process_events LIMIT 7)"),
              "{\"n\":7}\n");
    EXPECT_EQ(count("SELECT count(*) OVER (ORDER BY eid ROWS 1 PRECEDING) AS n FROM process_events "
                    "LIMIT 3"),
              "{\"n\":1}\n{\"n\":2}\n{\"n\":2}\n");
  });

  claim("GROUP BY and DISTINCT on the only columns that are read need no sorter", [] {
    SampleEvents events(700);
    events.connection.sql();
    EXPECT(!contains(
        plan_of(events.connection, "SELECT path, count(*) FROM process_events GROUP BY path"),
        "TEMP B-TREE"));
    EXPECT(!contains(plan_of(events.connection,
                             "SELECT path, uid, count(*) FROM process_events GROUP BY uid, path"),
                     "TEMP B-TREE"));
    // Each form must give what the same query over a subquery that SQLite sorts itself gives.
    for (
        const char* rest :
        {"SELECT path, count(*) AS n FROM TABLE GROUP BY path ORDER BY n DESC, path LIMIT 5",
         "SELECT pid, count(*) AS n FROM TABLE GROUP BY pid ORDER BY pid",
         "SELECT path, sum(length(path)) AS n, count(path) AS m FROM TABLE GROUP BY path ORDER BY "
         "path",
         "SELECT DISTINCT path FROM TABLE ORDER BY path",
         "SELECT DISTINCT uid FROM TABLE ORDER BY uid DESC",
         "SELECT count(*) AS n FROM (SELECT DISTINCT pid FROM TABLE)",
         "SELECT parent, count(*) AS n FROM TABLE GROUP BY parent HAVING n > 20 ORDER BY parent",
         "SELECT uid, max(uid), count(*) AS n FROM TABLE GROUP BY uid ORDER BY uid",
         "SELECT path, uid, count(*) AS n FROM TABLE GROUP BY path, uid ORDER BY path, uid",
         "SELECT uid, path, count(*) AS n FROM TABLE GROUP BY path, uid ORDER BY n DESC, path, uid",
         "SELECT pid, parent, sum(pid) AS s, count(*) AS n FROM TABLE GROUP BY pid, parent ORDER "
         "BY parent DESC, pid",
         "SELECT DISTINCT parent, path FROM TABLE ORDER BY path, parent",
         "SELECT count(*) AS n FROM (SELECT DISTINCT pid, uid FROM TABLE)",
         "SELECT path, count(*) AS n FROM TABLE WHERE uid = 0 GROUP BY path ORDER BY path",
         "SELECT path, path AS same, uid, uid * 2 AS twice, count(*) AS n FROM TABLE GROUP BY uid, "
         "path ORDER BY path, uid",
         "SELECT pid, parent, uid, count(*) AS n FROM TABLE GROUP BY pid, parent, uid ORDER BY "
         "pid, "
         "parent, uid",
         "SELECT count(*) AS c, sum(n) AS s FROM (SELECT count(*) AS n FROM TABLE GROUP BY path)",
         "SELECT count(*) AS c FROM (SELECT count(*) AS n FROM TABLE GROUP BY path)"}) {
      std::string fast = rest, slow = rest;
      fast.replace(fast.find("TABLE"), 5, "process_events");
      slow.replace(slow.find("TABLE"), 5,
                   "(SELECT * FROM process_events WHERE +ntime >= 0 LIMIT -1)");
      EXPECT_EQ(run_sql(events.connection.sql(), fast).text,
                run_sql(events.connection.sql(), slow).text);
    }
  });

  claim("all cursors of a query see the same rows while more are stored", [] {
    SampleEvents events(100);
    // The generator of a state table stores rows in the middle of the statement.
    class Storing : public TableGenerator {
     public:
      explicit Storing(EventTable& table) : table_(table) {}
      Result<std::unique_ptr<StateScan>> generate(const TableRequest&) override {
        append_sample_events(table_, 10);
        class One : public StateScan {
          Result<bool> next(std::vector<SqlValue>& row) override {
            row[0] = int64_t{1};
            return !std::exchange(given_, true);
          }
          bool given_ = false;
        };
        return std::unique_ptr<StateScan>(new One);
      }

     private:
      EventTable& table_;
    };
    StateTable storing{"storing", "CREATE TABLE storing (n BIGINT)", {StateColumn{}}};
    storing.columns[0].name = "n";
    storing.columns[0].type = SqlType::bigint;
    EXPECT(events.connection.sql()
               .define_table(storing, std::make_shared<Storing>(*events.table))
               .ok());
    const Written written =
        run_sql(events.connection.sql(),
                "SELECT (SELECT max(rowid) FROM process_events) AS a, n, "
                "(SELECT max(rowid) + n - n FROM process_events) AS b FROM storing");
    EXPECT_EQ(written.text, "{\"a\":100,\"n\":1,\"b\":100}\n");
    EXPECT_EQ(run_sql(events.connection.sql(), "SELECT max(rowid) AS n FROM process_events").text,
              "{\"n\":110}\n");
  });

  claim("a window restricts what is seen of its table alone", [] {
    SampleEvents events(50);
    QueryRequest request;
    request.sql = "SELECT count(*) AS n, min(rowid) AS a, max(rowid) AS b FROM process_events";
    request.windows["process_events"] = {10, 30};
    EXPECT_EQ(run_query(events.connection.sql(), request).text, "{\"n\":20,\"a\":11,\"b\":30}\n");
    request.sql = "SELECT count(*) AS n FROM process_events";
    EXPECT_EQ(run_query(events.connection.sql(), request).text, "{\"n\":20}\n");
    request.sql = "SELECT rowid AS n FROM process_events ORDER BY eid DESC LIMIT 1 OFFSET 3";
    EXPECT_EQ(run_query(events.connection.sql(), request).text, "{\"n\":27}\n");
    request.windows["process_events"] = {60, 70};
    EXPECT_EQ(run_query(events.connection.sql(), request).text, "");
  });

  claim("ancestors and descendants are followed by uuid, each process once", [] {
    SampleEvents events(0);
    const auto append = [&](uint64_t self, uint64_t parent, const char* path) {
      Row row;
      const UuidBytes own = sample_uuid(self), above = sample_uuid(parent);
      row.set(ProcessEventsColumn::process_uuid, own);
      row.set(ProcessEventsColumn::parent_uuid, above);
      row.set(ProcessEventsColumn::path, std::string_view(path));
      row.set(ProcessEventsColumn::ntime, uint64_t{5'000'000'000});
      events.table->append(row);
    };
    append(1, 99, "/init");
    append(2, 1, "/bin/sh");
    append(3, 2, "/bin/cat");
    append(2, 1, "/bin/bash");
    append(4, 2, "/bin/ls");
    append(7, 7, "/loop");
    const auto rows = [&](const std::string& call) {
      std::string all;
      for (const auto& row : events.connection.rows("SELECT depth, path FROM " + call))
        all += row + " ";
      return all;
    };
    EXPECT_EQ(rows("process_ancestry('a0000000-0000-0000-0000-000000000003')"),
              "0|/bin/cat 1|/bin/bash 2|/init ");
    EXPECT_EQ(rows("process_descendants('a0000000-0000-0000-0000-000000000001')"),
              "0|/init 1|/bin/bash 2|/bin/cat 2|/bin/ls ");
    EXPECT_EQ(rows("process_descendants('a0000000-0000-0000-0000-000000000007')"), "0|/loop ");
    EXPECT_EQ(rows("process_ancestry('nonsense')"), "");
    EXPECT_EQ(rows("process_ancestry('a0000000-0000-0000-0000-000000000003', NULL)"),
              "0|/bin/cat 1|/bin/bash 2|/init ");
    EXPECT_EQ(events.connection.value("SELECT count(*) FROM process_events e, "
                                      "process_ancestry(e.process_uuid) WHERE e.path = '/bin/ls'"),
              "3");
  });

  claim("ancestors are shown as they ran at the time that is asked for", [] {
    SampleEvents events(0);
    const auto append = [&](uint64_t self, uint64_t parent, const char* path, uint64_t second) {
      Row row;
      const UuidBytes own = sample_uuid(self), above = sample_uuid(parent);
      row.set(ProcessEventsColumn::process_uuid, own);
      row.set(ProcessEventsColumn::parent_uuid, above);
      row.set(ProcessEventsColumn::path, std::string_view(path));
      row.set(ProcessEventsColumn::ntime, second * 1'000'000'000);
      if (second == 30) row.set(ProcessEventsColumn::success, uint64_t{0});
      events.table->append(row);
    };
    append(1, 99, "/init", 10);
    append(2, 1, "/bin/bash", 20);
    append(2, 1, "/bin/missing", 30);
    append(3, 2, "/usr/bin/curl", 40);
    append(2, 1, "/bin/sleep", 50);
    const auto paths = [&](const std::string& arguments) {
      return events.connection.value("SELECT group_concat(path, ' ') FROM process_ancestry(" +
                                     arguments + ")");
    };
    const std::string curl = "'a0000000-0000-0000-0000-000000000003'";
    EXPECT_EQ(paths(curl), "/usr/bin/curl /bin/sleep /init");
    EXPECT_EQ(paths(curl + ", 50000000000"), "/usr/bin/curl /bin/sleep /init");
    EXPECT_EQ(paths(curl + ", 40000000000"), "/usr/bin/curl /bin/bash /init");
    // Nothing older is stored: the first that is.
    EXPECT_EQ(paths(curl + ", 5"), "/usr/bin/curl /bin/bash /init");
    EXPECT_EQ(events.connection.value("SELECT a.path FROM process_events e, "
                                      "process_ancestry(e.parent_uuid, e.ntime) a "
                                      "WHERE e.path = '/usr/bin/curl' AND a.depth = 0"),
              "/bin/bash");
    EXPECT_EQ(
        events.connection.value("SELECT count(*) FROM process_ancestry WHERE at = 5 AND uuid = " +
                                curl + " AND at = 5"),
        "3");
  });

  return run_claims(argc, argv);
}
