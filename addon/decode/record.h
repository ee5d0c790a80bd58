#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace auditql {

/// What joins the records of one event: `audit(1364481363.243:24287)`, and the node in a log that
/// several hosts wrote.
struct EventId {
  uint64_t time_ns = 0;  ///< ns since 1970; the kernel gives milliseconds
  uint32_t serial = 0;
  std::string_view node;
  bool operator==(const EventId&) const = default;
};

/// One audit record. Views point into the text it was parsed from.
struct Record {
  uint16_t type = 0;           ///< 0: only its name is known
  std::string_view type_name;  ///< as the log spells it, where no number belongs to it
  EventId id;
  std::string_view text;      ///< from `audit(`, without line end
  std::string_view body;      ///< the fields: what follows `audit(…): `, without `enriched`
  std::string_view enriched;  ///< fields auditd added after 0x1d (log_format = ENRICHED)
};

/// Parses records one after the other. It remembers the last stamp, which the next record of the
/// same event has again; apart from that speed it is the same as the functions below.
class RecordParser {
 public:
  /// A netlink message: the type is in its header, the text is `audit(…): fields`. Nothing when the
  /// text does not start so.
  std::optional<Record> message(uint16_t type, std::string_view text);
  /// A line of an audit log: `[node=NAME ]type=TYPE msg=audit(…): fields[\x1denriched]`, also
  /// behind other text (syslog's, a byte order mark, what is left of a torn line), and as the
  /// kernel prints it: `audit: type=1300 audit(…): fields`.
  std::optional<Record> log_line(std::string_view line);

 private:
  bool parse_text(std::string_view text, Record& record);
  bool parse_line(std::string_view line, Record& record);
  bool find_record(std::string_view line, Record& record);
  size_t read_stamp(std::string_view text, EventId& id);

  static constexpr size_t kLongestStamp = 48;
  char stamp_[kLongestStamp] = {};
  size_t stamp_size_ = 0;  ///< 0: none yet
  uint64_t time_ns_ = 0;
  uint32_t serial_ = 0;
};

/// One `name=value` of a record. The value is as written: with quotes, or hex, or `(null)`.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// Walks the fields of a body in order, skipping words that are not fields (`avc:`, `denied`).
/// `msg='…'` is one field; read its inside with another reader over `unquoted(value)`.
class FieldReader {
 public:
  explicit FieldReader(std::string_view body) : at_(body.data()), end_(body.data() + body.size()) {}
  bool next(Field& field);

 private:
  void read_value(Field& field);
  const char* at_;
  const char* end_;
};

/// The value of the first field of that name; nothing when there is none.
std::optional<std::string_view> find_field(std::string_view body, std::string_view name);

}  // namespace auditql
