#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "result_row.h"
#include "sqlite_api.h"

namespace auditql {

/// How result rows are written:
///   ndjson   one JSON object a line
///   json     an array of such objects
///   csv      RFC 4180 with a header line; NULL is an empty field, an empty text `""`
///   osquery  one JSON object a line with sorted keys and every value a string, NULL the empty
///            one, as osquery's log lines have them
///   shell    ndjson for people: a BLOB is its text where it is valid UTF-8, else upper-case hex;
///            infinities are 1e999 and -1e999
///   osquery_numerics  the same as osquery, but numbers stay numbers, as osquery's logger_numerics
///   has them
/// In all of them a byte of text that is not valid UTF-8 is written `\xHH`. BLOBs are base64, but
/// text in osquery's formats, which have no other kind. Integers have all their digits; a REAL is
/// the shortest text that reads back the same, with a point (15 digits in `osquery`, as there); NaN
/// and infinities are null. Of columns with the same name the last one counts, in the place of the
/// first.
enum class ResultFormat : uint8_t { ndjson, csv, json, shell, osquery, osquery_numerics };

std::vector<std::string> column_names(sqlite3_stmt* statement);

/// Writes rows of a result as text.
class RowFormat {
 public:
  /// With the names of the statement's columns.
  RowFormat(ResultFormat format, sqlite3_stmt* statement);

  /// What comes before the first row.
  void append_head(std::string& out) const;
  void append_row(std::string& out, ResultRow& row, bool first) const;
  /// What comes after the last row.
  void append_tail(std::string& out, bool any_row) const;

 private:
  /// A member of each object: the column whose value it takes and what comes before it,
  /// `{"name":` or `,"name":`.
  struct Member {
    int column;
    std::string key;
  };
  void choose_members();
  void append_object(std::string& out, ResultRow& row) const;
  class Pieces;
  /// False, with nothing added, for values that need more than copying.
  static bool add_small_member(Pieces& pieces, const Member& member, const ResultCell& cell);
  void append_csv_row(std::string& out, ResultRow& row) const;

  ResultFormat format_;
  std::vector<std::string> names_;
  std::vector<Member> members_;
};

}  // namespace auditql
