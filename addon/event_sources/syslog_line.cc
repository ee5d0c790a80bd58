#include "syslog_line.h"

namespace auditql {

namespace {

constexpr size_t kFields = 6;

std::string trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return std::string(text.substr(start, text.find_last_not_of(" \t\r") + 1 - start));
}

/// Takes one field off `rest` (RFC 4180, 2). False when its quote is not closed.
bool take_field(std::string_view& rest, std::string& field) {
  if (!rest.starts_with('"')) {
    field = rest.substr(0, rest.find(','));
    rest.remove_prefix(field.size());
    return true;
  }
  for (size_t at = 1; at < rest.size(); at++) {
    if (rest[at] != '"') {
      field += rest[at];
    } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
      field += rest[at++];
    } else {
      rest.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<SyslogLine> SyslogLine::parse(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::array<std::string, kFields> fields;
  for (size_t i = 0; i < kFields; i++) {
    if (i > 0) {
      if (!line.starts_with(',')) return std::nullopt;
      line.remove_prefix(1);
    }
    std::string field;
    if (!take_field(line, field)) return std::nullopt;
    fields[i] = trimmed(field);
  }
  if (!line.empty()) return std::nullopt;
  const std::string& severity = fields[2];
  if (severity.size() != 1 || severity[0] < '0' || severity[0] > '7') return std::nullopt;
  SyslogLine parsed;
  parsed.datetime = std::move(fields[0]);
  parsed.host = std::move(fields[1]);
  parsed.severity = static_cast<uint8_t>(severity[0] - '0');
  parsed.facility = std::move(fields[3]);
  parsed.tag = std::move(fields[4]);
  if (parsed.tag.ends_with(':')) parsed.tag.pop_back();
  parsed.message = std::move(fields[5]);
  return parsed;
}

}  // namespace auditql
