// State tables get osquery's constraints, and their values become the declared types.
#include "sql_fixture.h"

namespace auditql::test {
namespace {

/// A table whose generator notes what it was asked for.
class Noting : public TableGenerator {
 public:
  explicit Noting(std::vector<std::vector<SqlValue>> rows) : rows_(std::move(rows)) {}

  Result<std::unique_ptr<StateScan>> generate(const TableRequest& request) override {
    calls++;
    asked.clear();
    for (const TableConstraint& each : request.constraints) asked += text_of(each) + ";";
    asked += " uses";
    for (const uint16_t column : request.columns) asked += " " + std::to_string(column);
    if (failing) return Error{"sql_error", "the disk is on fire"};
    return std::unique_ptr<StateScan>(new Rows(rows_));
  }

  std::string asked;
  int calls = 0;
  bool failing = false;

 private:
  class Rows : public StateScan {
   public:
    explicit Rows(const std::vector<std::vector<SqlValue>>& rows) : rows_(rows) {}
    Result<bool> next(std::vector<SqlValue>& row) override {
      if (at_ == rows_.size()) return false;
      row = rows_[at_++];
      return true;
    }

   private:
    const std::vector<std::vector<SqlValue>>& rows_;
    size_t at_ = 0;
  };

  static std::string text_of(const TableConstraint& constraint) {
    constexpr const char* kNames[] = {"=", "in", "<", "<=", ">", ">=", "like", "glob", "regexp"};
    std::string text = std::to_string(constraint.column) + kNames[static_cast<int>(constraint.op)];
    for (const SqlValue& value : constraint.values) {
      const auto* number = std::get_if<int64_t>(&value);
      const auto* words = std::get_if<std::string>(&value);
      text += " " + (number != nullptr ? std::to_string(*number) : words != nullptr ? *words : "?");
    }
    return text;
  }

  std::vector<std::vector<SqlValue>> rows_;
};

StateColumn column(const std::string& name, SqlType type) {
  StateColumn made;
  made.name = name;
  made.type = type;
  return made;
}

/// path (index, required, optimized), directory (required), size, pid (index), ns (additional).
StateTable file_table() {
  StateTable table;
  table.name = "file";
  table.sql =
      "CREATE TABLE file (path TEXT, directory TEXT, size BIGINT, pid BIGINT, ns INTEGER HIDDEN, "
      "other TEXT HIDDEN, location TEXT HIDDEN)";
  table.columns = {column("path", SqlType::text),   column("directory", SqlType::text),
                   column("size", SqlType::bigint), column("pid", SqlType::bigint),
                   column("ns", SqlType::integer),  column("other", SqlType::text)};
  table.columns[0].index = table.columns[0].required = table.columns[0].optimized = true;
  table.columns[0].aliases = {"location"};
  table.columns[1].required = true;
  table.columns[0].patterns = table.columns[1].patterns = true;
  table.columns[3].index = true;
  table.columns[4].additional = true;
  return table;
}

struct FileTable {
  FileTable() { EXPECT(connection.sql().define_table(file_table(), generator).ok()); }
  std::string asked(const std::string& rest, const std::string& what = "size") {
    rows = connection.rows("SELECT " + what + " FROM file " + rest);
    return generator->asked;
  }
  Connection connection;
  std::shared_ptr<Noting> generator = std::make_shared<Noting>(std::vector<std::vector<SqlValue>>{
      {std::string("/a"), std::string("/"), int64_t{5}, int64_t{1}, {}, {}},
      {std::string("/b"), std::string("/"), int64_t{6}, int64_t{2}, {}, {}}});
  std::vector<std::string> rows;
};

/// What a column of a type makes of a value.
std::string cell(SqlType type, SqlValue value, bool filled = false) {
  Connection connection;
  StateTable table;
  table.name = "one";
  table.sql = "CREATE TABLE one (v)";
  table.columns = {column("v", type)};
  table.columns[0].filled = filled;
  std::vector<std::vector<SqlValue>> rows(1);
  rows[0].push_back(std::move(value));
  EXPECT(connection.sql().define_table(table, std::make_shared<Noting>(rows)).ok());
  return connection.value("SELECT typeof(v) || ' ' || coalesce(v, '') FROM one");
}

std::string filled_cell(SqlType type) { return cell(type, SqlValue(), true); }

/// A table of users' files: uid chooses whose, place (text, by NOCASE) is looked up.
StateTable files_of_users() {
  StateTable table;
  table.name = "files";
  table.sql = "CREATE TABLE files (uid BIGINT, place TEXT COLLATE NOCASE, key TEXT)";
  table.columns = {column("uid", SqlType::bigint), column("place", SqlType::text),
                   column("key", SqlType::text)};
  table.columns[0].additional = table.columns[0].scope = true;
  table.columns[1].index = table.columns[2].index = true;
  table.columns[1].collation = "nocase";
  table.user_data = true;
  return table;
}

struct UsersTables {
  UsersTables() {
    StateTable users;
    users.name = "users";
    users.sql = "CREATE TABLE users (uid BIGINT)";
    users.columns = {column("uid", SqlType::bigint)};
    users.columns[0].index = true;
    std::vector<std::vector<SqlValue>> ids{{int64_t{0}}, {int64_t{7}}};
    EXPECT(connection.sql().define_table(users, std::make_shared<Noting>(ids)).ok());
    EXPECT(connection.sql().define_table(files_of_users(), files).ok());
  }
  std::string asked(const std::string& query) {
    rows = connection.rows(query);
    return files->asked;
  }
  Connection connection;
  std::shared_ptr<Noting> files = std::make_shared<Noting>(
      std::vector<std::vector<SqlValue>>{{int64_t{0}, std::string("a"), std::string("k")},
                                         {int64_t{7}, std::string("b"), std::string("k")},
                                         {int64_t{7}, std::string("b"), std::string("k")}});
  std::vector<std::string> rows;
};

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  constexpr const char* kRequired =
      "error: Table file was queried without a required column in the WHERE clause: compare path "
      "or directory with =, IN, LIKE or GLOB";

  claim("a query without a required column is refused with osquery's words", [=] {
    FileTable file;
    EXPECT_EQ(file.connection.value("SELECT * FROM file"), kRequired);
    EXPECT_EQ(file.connection.value("SELECT * FROM file WHERE size = 1"), kRequired);
    EXPECT_EQ(file.connection.value("SELECT * FROM file WHERE path REGEXP 'b$'"), kRequired);
    EXPECT_EQ(file.connection.value("SELECT * FROM file WHERE path IS '/a'"), kRequired);
    EXPECT_EQ(file.connection.value("SELECT * FROM file WHERE path = '/A' COLLATE NOCASE"),
              kRequired);
    EXPECT_EQ(file.generator->calls, 0);
  });

  claim("inspecting a query tells why a table will reject it, and runs nothing", [=] {
    FileTable file;
    const auto rejections = [&](const std::string& sql) {
      const auto info = file.connection.sql().inspect(sql);
      std::string text;
      if (!info.ok()) return info.error().message;
      for (const auto& each : info.value().rejections) text += "error: " + each;
      return text;
    };
    EXPECT_EQ(rejections("SELECT * FROM file"), kRequired);
    EXPECT_EQ(rejections("SELECT 1; SELECT * FROM file f, file g WHERE f.size = 1"), kRequired);
    EXPECT_EQ(rejections("SELECT 1 WHERE EXISTS (SELECT 1 FROM file)"), kRequired);
    EXPECT_EQ(rejections("SELECT * FROM file WHERE path = '/A' COLLATE NOCASE"), kRequired);
    EXPECT(file.connection.sql().define_view("all_files", "SELECT * FROM file").ok());
    EXPECT_EQ(rejections("SELECT * FROM all_files"), kRequired);
    for (const char* sql :
         {"SELECT * FROM file WHERE path = ?", "SELECT * FROM all_files WHERE path LIKE '/%'",
          "SELECT * FROM (SELECT '/a' AS p) JOIN file ON path = p", "SELECT 1"}) {
      EXPECT_EQ(rejections(sql), "");
    }
    EXPECT_EQ(file.generator->calls, 0);
  });

  claim("=, LIKE, GLOB and REGEXP are handed over and applied again", [] {
    FileTable file;
    EXPECT_EQ(file.asked("WHERE path = '/a'"), "0= /a; uses 0 2");
    EXPECT_EQ(file.rows.size(), 1u);
    EXPECT_EQ(file.asked("WHERE path LIKE '/%'"), "0like /%; uses 0 2");
    EXPECT_EQ(file.rows.size(), 2u);
    EXPECT_EQ(file.asked("WHERE directory GLOB '/*'"), "1glob /*; uses 1 2");
    EXPECT_EQ(file.asked("WHERE path LIKE '/%' AND path REGEXP 'b$'"),
              "0regexp b$;0like /%; uses 0 2");
    EXPECT_EQ(file.rows.size(), 1u);
  });

  claim("IN comes whole where the column is optimized, else value by value", [] {
    FileTable file;
    EXPECT_EQ(file.asked("WHERE path IN ('/a', '/x', '/b')"), "0in /a /b /x; uses 0 2");
    EXPECT_EQ(file.generator->calls, 1);
    EXPECT_EQ(file.rows.size(), 2u);
    file.asked("WHERE directory = '/' AND pid IN (1, 2)");
    EXPECT_EQ(file.generator->calls, 3);
  });

  claim("ranges are handed over for numbers, never for text", [] {
    FileTable file;
    EXPECT_EQ(file.asked("WHERE path = '/a' AND pid > 0 AND pid <= 9"),
              "0= /a;3> 0;3<= 9; uses 0 2 3");
    EXPECT_EQ(file.asked("WHERE path = '/a' AND directory > 'a'"), "0= /a; uses 0 1 2");
  });

  claim("columns without a flag are left to SQLite, aliases stand for their column", [] {
    FileTable file;
    EXPECT_EQ(file.asked("WHERE path = '/a' AND size = 5"), "0= /a; uses 0 2");
    EXPECT_EQ(file.asked("WHERE location = '/b'", "location"), "0= /b; uses 0");
    EXPECT_EQ(file.rows[0], "/b");
    EXPECT_EQ(file.asked("WHERE path = '/a' AND ns = 4"), "0= /a;4= 4; uses 0 2 4");
    EXPECT_EQ(file.asked("WHERE path = '/a'", "other"), "0= /a; uses 0 5");
    EXPECT_EQ(file.rows[0], "NULL");
  });

  claim("an empty or NULL value satisfies the requirement but is not handed over", [] {
    FileTable file;
    EXPECT_EQ(file.asked("WHERE path = ''"), " uses 0 2");
    EXPECT_EQ(file.rows.size(), 0u);
  });

  claim("a join asks the table for each outer row, in the order that its columns need", [] {
    FileTable file;
    file.asked("JOIN (SELECT '/a' AS p UNION ALL SELECT '/b') ON path = p");
    EXPECT_EQ(file.rows.size(), 2u);
    EXPECT_EQ(file.generator->calls, 2);
  });

  claim("what the generator says is wrong fails the query", [] {
    FileTable file;
    file.generator->failing = true;
    EXPECT_EQ(file.connection.value("SELECT * FROM file WHERE path = 'x'"),
              "error: the disk is on fire");
  });

  claim("values become the declared type by osquery's rules", [] {
    EXPECT_EQ(cell(SqlType::bigint, std::string("0x1F")), "integer 31");
    EXPECT_EQ(cell(SqlType::integer, std::string("010")), "integer 8");
    EXPECT_EQ(cell(SqlType::bigint, std::string("-5")), "integer -5");
    EXPECT_EQ(cell(SqlType::integer, int64_t{5'000'000'000}), "integer 5000000000");
    EXPECT_EQ(cell(SqlType::bigint, std::string("")), "null ");
    EXPECT_EQ(cell(SqlType::bigint, std::string("12x")), "null ");
    EXPECT_EQ(cell(SqlType::bigint, std::string("99999999999999999999")), "null ");
    EXPECT_EQ(cell(SqlType::real, std::string("1.5")), "real 1.5");
    EXPECT_EQ(cell(SqlType::real, std::string("1.5x")), "null ");
    EXPECT_EQ(cell(SqlType::real, int64_t{2}), "real 2.0");
    EXPECT_EQ(cell(SqlType::text, int64_t{42}), "text 42");
    EXPECT_EQ(cell(SqlType::text, 1.25), "text 1.25");
    EXPECT_EQ(cell(SqlType::text, std::string("")), "text ");
    EXPECT_EQ(cell(SqlType::text, SqlValue()), "null ");
    EXPECT_EQ(filled_cell(SqlType::text), "text ");
    EXPECT_EQ(filled_cell(SqlType::blob), "text ");
    EXPECT_EQ(cell(SqlType::blob, SqlBlob{"ab"}), "blob ab");
  });

  claim("a table of users' files is asked per user, whichever stands first", [] {
    UsersTables tables;
    EXPECT_EQ(tables.asked("SELECT key FROM users JOIN files USING (uid)"), "0= 7; uses 0 2");
    EXPECT_EQ(tables.rows.size(), 3u);
    EXPECT_EQ(tables.asked("SELECT key FROM files JOIN users USING (uid)"), "0= 7; uses 0 2");
    EXPECT_EQ(tables.rows.size(), 3u);
  });

  claim("a lookup gets what is compared by its own collation or by bytes, and texts alone", [] {
    UsersTables tables;
    EXPECT_EQ(tables.asked("SELECT uid FROM files WHERE place = 'A'"), "1= A; uses 0 1");
    EXPECT_EQ(tables.asked("SELECT uid FROM files WHERE place = 'a' COLLATE BINARY"),
              "1= a; uses 0 1");
    EXPECT_EQ(tables.asked("SELECT uid FROM files WHERE key = 'K' COLLATE NOCASE"), " uses 0 2");
    EXPECT_EQ(tables.rows.size(), 3u);
    EXPECT_EQ(tables.asked("SELECT uid FROM files WHERE key = 'k  ' COLLATE RTRIM"), " uses 0 2");
    EXPECT_EQ(tables.rows.size(), 3u);
    EXPECT_EQ(tables.asked("SELECT uid FROM files WHERE key = 5"), " uses 0 2");
  });

  claim("conditions joined by OR give each row once, and equal rows as often as they are", [] {
    UsersTables tables;
    const char* either = "SELECT key FROM files WHERE uid = 0 OR key = 'k'";
    EXPECT_EQ(tables.connection.rows(either).size(), 3u);
    EXPECT_EQ(tables.connection.rows("SELECT key FROM files WHERE uid = 0 OR place = 'b'").size(),
              3u);
  });

  return run_claims(argc, argv);
}
