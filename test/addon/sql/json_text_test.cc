// Rows are written as JSON with as few copies as may be, and lose nothing by it.
#include "bytes/json_text.h"

#include <cstdio>
#include <string>

#include "check.h"
#include "sql/values/row_format.h"
#include "sql/values/sqlite_api.h"

namespace auditql::test {
namespace {

bool stands_for_itself(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// The object that the only row of a statement is written as.
std::string object_of(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr);
  std::string out;
  if (sqlite3_step(statement) == SQLITE_ROW) {
    StatementRow row(statement);
    RowFormat(ResultFormat::ndjson, statement).append_row(out, row, true);
  }
  sqlite3_finalize(statement);
  return out;
}

void every_escaped_byte_is_found() {
  for (size_t size = 1; size <= 20; size++) {
    for (size_t at = 0; at < size; at++) {
      for (int byte = 0; byte < 256; byte++) {
        std::string text(size, '!');
        text[at] = static_cast<char>(byte);
        if (is_plain_json(text) == stands_for_itself(static_cast<unsigned char>(byte))) continue;
        std::fprintf(stderr, "byte %d at %zu of %zu\n", byte, at, size);
        EXPECT(false);
      }
    }
  }
}

void every_row_is_a_whole_object() {
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  EXPECT_EQ(object_of(db, "SELECT 1 AS a, '' AS b, NULL AS c, 'x\"y' AS d, -5 AS e"),
            R"({"a":1,"b":"","c":null,"d":"x\"y","e":-5})"
            "\n");
  for (const int length : {1, 500, 2030, 2040, 2048, 2049, 5000}) {
    const std::string sql = "SELECT substr(hex(zeroblob(" + std::to_string(length) + ")), 1, " +
                            std::to_string(length) + ") AS long, 7 AS next";
    const std::string expected =
        "{\"long\":\"" + std::string(static_cast<size_t>(length), '0') + "\",\"next\":7}\n";
    EXPECT_EQ(object_of(db, sql), expected);
  }
  std::string wide = "SELECT 'v' AS c0", expected = "{\"c0\":\"v\"";
  for (int i = 1; i < 300; i++) {
    wide += ", 'v' AS c" + std::to_string(i);
    expected += ",\"c" + std::to_string(i) + "\":\"v\"";
  }
  EXPECT_EQ(object_of(db, wide), expected + "}\n");
  sqlite3_close(db);
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql::test;
  claim("a byte that JSON escapes is found wherever it stands", every_escaped_byte_is_found);
  claim("rows of any width and values of any length are whole JSON objects",
        every_row_is_a_whole_object);
  return run_claims(argc, argv);
}
