#include "record.h"

#include <algorithm>
#include <cstring>

#include "audit_names.h"

namespace auditql {
namespace {

constexpr std::string_view kEnrichedSeparator = "\x1d";  // AUDIT_INTERP_SEPARATOR, libaudit.h
constexpr std::string_view kSeparatorInSyslog = "#035";  // as rsyslog escapes it
constexpr size_t kLongestNode = 255;                     // of a domain name, RFC 1035
constexpr size_t kLongestTypeName = 64;
constexpr size_t kShortValue = 24;
constexpr uint64_t kLastSecond = INT64_MAX / 1'000'000'000 - 1;

/// Reads decimal digits; false when there are none or more than fit.
bool read_digits(const char*& at, const char* end, uint64_t& value) {
  const char* start = at;
  value = 0;
  while (at < end && *at >= '0' && *at <= '9')
    value = value * 10 + static_cast<uint64_t>(*at++ - '0');
  return at != start && at - start <= 19;
}

bool read_char(const char*& at, const char* end, char wanted) {
  if (at == end || *at != wanted) return false;
  at++;
  return true;
}

/// `audit(SECONDS.FRACTION:SERIAL)[:]` at the start of `text`; leaves `at` behind it.
bool scan_stamp(const char*& at, const char* end, EventId& id) {
  constexpr std::string_view kStart = "audit(";
  if (static_cast<size_t>(end - at) < kStart.size() || std::memcmp(at, kStart.data(), 6) != 0) {
    return false;
  }
  at += kStart.size();
  uint64_t seconds, fraction, serial;
  if (!read_digits(at, end, seconds) || seconds > kLastSecond || !read_char(at, end, '.'))
    return false;
  const char* fraction_start = at;
  if (!read_digits(at, end, fraction) || at - fraction_start > 9) return false;
  for (auto digits = at - fraction_start; digits < 9; digits++) fraction *= 10;
  if (!read_char(at, end, ':') || !read_digits(at, end, serial) || serial > UINT32_MAX)
    return false;
  if (!read_char(at, end, ')')) return false;
  read_char(at, end, ':');  // auditd leaves it out in `audit(…:34) config changed, auid=0`
  id.time_ns = seconds * 1'000'000'000 + fraction;
  id.serial = static_cast<uint32_t>(serial);
  return true;
}

std::string_view without_line_end(std::string_view text) {
  while (!text.empty()) {
    const char last = text.back();
    if (last != '\n' && last != '\r' && last != ' ' && last != '\0') break;
    text.remove_suffix(1);
  }
  return text;
}

/// Takes `prefix` and the word behind it off the line.
bool take_word(std::string_view& line, std::string_view prefix, std::string_view& word) {
  if (!line.starts_with(prefix)) return false;
  const size_t space = line.find(' ', prefix.size());
  if (space == std::string_view::npos) return false;
  word = line.substr(prefix.size(), space - prefix.size());
  line.remove_prefix(space + 1);
  return true;
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool set_type(std::string_view type, Record& record) {
  record.type = record_type_number(type);
  if (record.type != 0) return true;
  record.type_name = type;
  return !type.empty() && type.size() <= kLongestTypeName;
}

/// The name behind `node=` in what precedes the type; empty without one.
std::string_view node_in(std::string_view prefix) {
  constexpr std::string_view kNode = "node=";
  for (size_t at = 0; (at = prefix.find(kNode, at)) != std::string_view::npos; at++) {
    if (at > 0 && is_word(prefix[at - 1])) continue;
    const std::string_view name = without_blanks(prefix.substr(at + kNode.size()));
    return name.substr(0, name.find_last_not_of(' ') + 1);
  }
  return {};
}

/// Parts what auditd resolved from what it was given. Names that it resolved are in capitals.
void split_enriched(Record& record, std::string_view separator) {
  size_t at = 0;
  while ((at = record.body.find(separator, at)) != std::string_view::npos) {
    const std::string_view behind = record.body.substr(at + separator.size());
    const bool is_name = !behind.empty() && behind.front() >= 'A' && behind.front() <= 'Z';
    if (is_name || separator == kEnrichedSeparator) {
      record.enriched = behind;
      record.body = record.body.substr(0, at);
      return;
    }
    at += separator.size();
  }
}

/// Whether a field holds a label of a security module: `subj`, `old-subj`, `obj_apparmor`, …
bool is_label(std::string_view name) {
  // Every field of every record is asked.
  if (name.size() < 3 || (name[0] != 's' && name[0] != 'o' && name[0] != 'n')) return false;
  for (const std::string_view prefix : {"old-", "old_", "new-", "new_"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  for (const std::string_view label : {"subj", "obj"}) {
    if (!name.starts_with(label)) continue;
    return name.size() == label.size() || name[label.size()] == '_' || name[label.size()] == '-';
  }
  return false;
}

/// Where a label ends whose first word ends at `at`. AppArmor's have their mode behind a blank,
/// and may have blanks of their own: `/opt/My App/run (enforce)` (aa_label_snxprint() of
/// security/apparmor/label.c).
const char* end_of_label(const char* at, const char* end) {
  const std::string_view rest(at, static_cast<size_t>(end - at));
  const std::string_view words = rest.substr(0, rest.find('='));
  const size_t open = words.find(" (");
  if (open == std::string_view::npos) return at;
  const size_t close = words.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", open + 2);
  const bool is_mode = close != std::string_view::npos && close > open + 2 && words[close] == ')';
  return is_mode ? at + close + 1 : at;
}

}  // namespace

/// Size of the stamp at the start of the text, 0 when there is none.
size_t RecordParser::read_stamp(std::string_view text, EventId& id) {
  const bool same = stamp_size_ != 0 && text.size() >= stamp_size_ &&
                    std::memcmp(text.data(), stamp_, stamp_size_) == 0;
  if (same) {
    id.time_ns = time_ns_;
    id.serial = serial_;
    return stamp_size_;
  }
  const char* at = text.data();
  if (!scan_stamp(at, at + text.size(), id)) return 0;
  const auto size = static_cast<size_t>(at - text.data());
  if (size <= kLongestStamp) {
    std::memcpy(stamp_, text.data(), size);
    stamp_size_ = size;
    time_ns_ = id.time_ns;
    serial_ = id.serial;
  }
  return size;
}

bool RecordParser::parse_text(std::string_view text, Record& record) {
  record.text = without_line_end(text);
  size_t at = read_stamp(record.text, record.id);
  if (at == 0) return false;
  // The colon may be missing from the stamp that is remembered, and be here.
  while (at < record.text.size() && (record.text[at] == ' ' || record.text[at] == ':')) at++;
  record.body = record.text.substr(at);
  return true;
}

std::optional<Record> RecordParser::message(uint16_t type, std::string_view text) {
  Record record;
  record.type = type;
  if (!parse_text(text, record)) return std::nullopt;
  return record;
}

/// As auditd writes it, without a look at the rest of the line.
bool RecordParser::parse_line(std::string_view line, Record& record) {
  std::string_view type;
  const bool is_named = take_word(line, "node=", record.id.node);
  if (is_named && record.id.node.size() > kLongestNode) return false;
  return take_word(line, "type=", type) && line.starts_with("msg=") && set_type(type, record) &&
         parse_text(line.substr(4), record);
}

/// A record anywhere in the line. What is in front is the node where it says so: auditd takes any
/// text for a name (name_format = user).
bool RecordParser::find_record(std::string_view line, Record& record) {
  constexpr std::string_view kType = "type=", kMessage = "msg=";
  for (size_t at = 0; (at = line.find(kType, at)) != std::string_view::npos; at += kType.size()) {
    if (at > 0 && is_word(line[at - 1])) continue;
    std::string_view rest = line.substr(at + kType.size());
    // No further than a name can reach: a line may be full of such beginnings.
    const size_t size = rest.substr(0, kLongestTypeName + 1).find(' ');
    if (size == std::string_view::npos) continue;
    const std::string_view type = rest.substr(0, size);
    rest = without_blanks(rest.substr(type.size()));
    if (rest.starts_with(kMessage)) rest.remove_prefix(kMessage.size());
    record = {};
    if (!set_type(type, record) || !parse_text(rest, record)) continue;
    record.id.node = node_in(line.substr(0, at));
    if (record.id.node.size() > kLongestNode) return false;
    split_enriched(record, kSeparatorInSyslog);
    return true;
  }
  return false;
}

std::optional<Record> RecordParser::log_line(std::string_view line) {
  Record record;
  if (!parse_line(line, record) && !find_record(line, record)) return std::nullopt;
  split_enriched(record, kEnrichedSeparator);
  return record;
}

bool FieldReader::next(Field& field) {
  while (at_ < end_) {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '(')) at_++;  // old PAM records: `(hostname=…`
    const char* start = at_;
    while (at_ < end_ && *at_ != '=' && *at_ != ' ') at_++;
    if (at_ == end_ || *at_ == ' ') continue;
    field.name = std::string_view(start, static_cast<size_t>(at_ - start));
    at_++;
    read_value(field);
    return true;
  }
  return false;
}

void FieldReader::read_value(Field& field) {
  const char* start = at_;
  const auto left = static_cast<size_t>(end_ - at_);
  const void* close = nullptr;
  if (left > 1 && *at_ == '"') {
    close = std::memchr(at_ + 1, '"', left - 1);  // the kernel writes a string with " in hex
    at_ = close == nullptr ? end_ : static_cast<const char*>(close) + 1;
  } else if (left > 1 && *at_ == '\'') {
    // User-space text is not escaped: what closes msg='…' is the last quote of the record.
    close = field.name == "msg" ? memrchr(at_ + 1, '\'', left - 1)
                                : std::memchr(at_ + 1, '\'', left - 1);
    at_ = close == nullptr ? end_ : static_cast<const char*>(close) + 1;
  } else if (left > 6 && std::memcmp(at_, "(null)", 6) == 0) {
    at_ += 6;  // auditd may glue its own fields on: `key=(null)ARCH=x86_64`
  } else {
    // Most values are short, and a call costs more than their bytes; arguments in hex are not.
    const char* near = left < kShortValue ? end_ : at_ + kShortValue;
    while (at_ < near && *at_ != ' ') at_++;
    if (at_ == near && at_ < end_) {
      close = std::memchr(at_, ' ', static_cast<size_t>(end_ - at_));
      at_ = close == nullptr ? end_ : static_cast<const char*>(close);
    }
    if (at_ < end_ && is_label(field.name)) at_ = end_of_label(at_, end_);
  }
  field.value = std::string_view(start, static_cast<size_t>(at_ - start));
}

std::optional<std::string_view> find_field(std::string_view body, std::string_view name) {
  FieldReader reader(body);
  for (Field field; reader.next(field);) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

}  // namespace auditql
