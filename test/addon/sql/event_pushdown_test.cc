// Whatever a query asks of an event table, it gets what an ordinary table with the same rows gives.
#include <random>

#include "sample_events.h"

namespace auditql::test {
namespace {

constexpr size_t kRows = 3000;

/// A copy of process_events as an ordinary table, in the same connection.
void copy_to_plain(Connection& connection) {
  sqlite3* db = connection.db();
  connection.sql();
  sqlite3_set_authorizer(db, nullptr, nullptr);
  const char* const statements[] = {
      "CREATE TABLE plain (pid BIGINT, parent BIGINT, path TEXT, uid BIGINT, ntime BIGINT, "
      "time BIGINT, eid TEXT, process_uuid TEXT, parent_uuid TEXT, cmdline TEXT)",
      "INSERT INTO plain (rowid, pid, parent, path, uid, ntime, time, eid, process_uuid, "
      "parent_uuid, cmdline) SELECT rowid, pid, parent, path, uid, ntime, time, eid, process_uuid, "
      "parent_uuid, cmdline FROM process_events",
  };
  for (const char* each : statements) {
    EXPECT_EQ(sqlite3_exec(db, each, nullptr, nullptr, nullptr), SQLITE_OK);
  }
}

class QueryMaker {
 public:
  explicit QueryMaker(uint64_t seed) : random_(seed) {}

  std::string query() {
    std::string sql = "SELECT " +
                      one_of({"eid, pid, path, time", "count(*)", "rowid, ntime, cmdline", "eid",
                              "max(eid), min(time), sum(pid)"}) +
                      " FROM TABLE";
    const uint64_t terms = below(4);
    for (uint64_t i = 0; i < terms; i++) sql += (i == 0 ? " WHERE " : joiner()) + term();
    if (sql.find("count") == std::string::npos && sql.find("max") == std::string::npos) {
      sql += " ORDER BY " + one_of({"eid", "eid DESC", "rowid", "rowid DESC", "time, eid",
                                    "time DESC, eid DESC", "eid DESC, time", "ntime"});
      if (below(2) == 0) sql += " LIMIT " + std::to_string(below(40));
      if (sql.ends_with("LIMIT") || (sql.find("LIMIT") != std::string::npos && below(2) == 0)) {
        sql += " OFFSET " + std::to_string(below(3200));
      }
    }
    return sql;
  }

 private:
  uint64_t below(uint64_t n) { return random_() % n; }
  std::string one_of(const std::vector<std::string>& choices) {
    return choices[below(choices.size())];
  }
  std::string joiner() { return below(5) == 0 ? " OR " : " AND "; }
  std::string comparison() { return one_of({"=", "<", "<=", ">", ">="}); }

  std::string term() {
    switch (below(8)) {
      case 0:
        return "pid " + comparison() + " " + odd_number(45);
      case 1:
        return "eid " + comparison() + " " + eid();
      case 2:
        return "time " + comparison() + " " + second();
      case 3:
        return "ntime " + comparison() + " " + second() + "000000000";
      case 4:
        return "pid IN (" + odd_number(45) + ", " + odd_number(45) + ", NULL, " + odd_number(45) +
               ")";
      case 5:
        return "time BETWEEN " + second() + " AND " + second();
      case 6:
        return one_of({"process_uuid", "parent_uuid"}) + " = " + uuid();
      default:
        return one_of({"rowid " + comparison() + " " + odd_number(kRows),
                       "parent = " + odd_number(22), "uid = 1000",
                       "eid IN (" + eid() + ", " + eid() + ")",
                       "rowid BETWEEN " + odd_number(kRows) + " AND " + odd_number(kRows)});
    }
  }

  /// Numbers in every guise that a query may give them.
  std::string odd_number(uint64_t n) {
    const std::string number = std::to_string(below(n));
    switch (below(9)) {
      case 0:
        return "'" + number + "'";
      case 1:
        return number + ".0";
      case 2:
        return number + ".5";
      case 3:
        return "' " + number + "'";
      case 4:
        return one_of({"NULL", "'abc'", "x'00'", "-1", "9223372036854775807", "1e300", "-1e300",
                       "''", "4294967301", "-9223372036854775808"});
      default:
        return number;
    }
  }
  std::string second() { return std::to_string(kFirstSecond - 5 + below(kRows / 10 + 15)); }
  std::string eid() {
    char padded[32];
    std::snprintf(padded, sizeof padded, "'%016llu'",
                  static_cast<unsigned long long>(below(kRows + 10)));
    return below(6) == 0 ? one_of({"'000000000000a'", "''", "'zzz'", "NULL", "x'30'"}) : padded;
  }
  std::string uuid() {
    const std::string last = std::to_string(below(45));
    const std::string padded = std::string(12 - last.size(), '0') + last;
    if (below(6) == 0) return one_of({"'A0000000-0000-0000-0000-000000000001'", "7", "NULL", "''"});
    return "'a0000000-0000-0000-0000-" + padded + "'";
  }

  std::mt19937_64 random_;
};

std::string on_table(std::string sql, const std::string& table) {
  return sql.replace(sql.find("TABLE"), 5, table);
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  claim("2000 random queries find the same rows in the same order as on an ordinary table", [] {
    StateDirectory state;
    const auto table = state.open_table(kProcessEvents);
    append_sample_events(*table, kRows);
    Connection connection;
    connection.sql().attach_store(state.path());
    copy_to_plain(connection);
    QueryMaker maker(42);
    for (int i = 0; i < 2000; i++) {
      const std::string sql = maker.query();
      const auto found = connection.rows(on_table(sql, "process_events"));
      const auto expected = connection.rows(on_table(sql, "plain"));
      if (found == expected) continue;
      std::fprintf(stderr, "differs: %s: %zu rows, expected %zu\n", sql.c_str(), found.size(),
                   expected.size());
      EXPECT(found == expected);
    }
  });

  claim("numbers and short digits mean a row number in every comparison with eid", [] {
    StateDirectory state;
    const auto table = state.open_table(kProcessEvents);
    append_sample_events(*table, 20);
    Connection connection;
    connection.sql().attach_store(state.path());
    EXPECT_EQ(connection.value("SELECT count(*) FROM process_events WHERE eid > 15"), "5");
    EXPECT_EQ(connection.value("SELECT count(*) FROM process_events WHERE eid <= '15'"), "15");
    EXPECT_EQ(connection.value("SELECT eid FROM process_events WHERE eid = 7"), "0000000000000007");
    EXPECT_EQ(connection.value("SELECT count(*) FROM process_events WHERE eid BETWEEN 3 AND 5"),
              "3");
  });

  return run_claims(argc, argv);
}
