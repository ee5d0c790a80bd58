#include "json_writer.h"

#include <charconv>
#include <cstdio>

namespace auditql {
namespace {

uint8_t byte_at(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<uint8_t>(text[at]) : uint8_t{0};
}

/// Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7); 0 when there is none.
size_t utf8_length(std::string_view text, size_t at) {
  const uint8_t lead = byte_at(text, at), second = byte_at(text, at + 1);
  const auto tail = [&](size_t i) { return (byte_at(text, at + i) & 0xc0) == 0x80; };
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && second < 0xa0, surrogate = lead == 0xed && second > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && second < 0x90, beyond = lead == 0xf4 && second > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

void append_escape(std::string& out, char c) {
  char escape[8];
  std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<uint8_t>(c)));
  out += escape;
}

/// Days since 1970 to year, month, day (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
struct Date {
  int64_t year;
  unsigned month, day;
};

Date date_of(int64_t days) {
  days += 719468;
  const int64_t era = days / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  needs_comma_ = false;
}

void JsonWriter::text(std::string_view value) {
  separate();
  quote(value);
}

void JsonWriter::number(uint64_t value) {
  separate();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

/// Bytes that are not UTF-8 become `\xNN` in the text, so that none is lost.
void JsonWriter::quote(std::string_view value) {
  out_ += '"';
  for (size_t at = 0; at < value.size();) {
    const char c = value[at];
    const size_t length = utf8_length(value, at);
    if (length == 0) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\\\x%02X", static_cast<unsigned>(byte_at(value, at)));
      out_ += escape;
    } else if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<uint8_t>(c) < 0x20) {
      append_escape(out_, c);
    } else {
      out_.append(value, at, length);
    }
    at += length == 0 ? 1 : length;
  }
  out_ += '"';
}

std::string rfc3339(uint64_t time_ns) {
  const uint64_t seconds = time_ns / 1'000'000'000;
  const Date date = date_of(static_cast<int64_t>(seconds / 86400));
  const auto second_of_day = static_cast<unsigned>(seconds % 86400);
  char text[64];
  int length = std::snprintf(text, sizeof text, "%04lld-%02u-%02uT%02u:%02u:%02u.%09u",
                             static_cast<long long>(date.year), date.month, date.day,
                             second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60,
                             static_cast<unsigned>(time_ns % 1'000'000'000));
  while (text[length - 1] == '0') length--;
  if (text[length - 1] == '.') length--;
  return std::string(text, static_cast<size_t>(length)) + 'Z';
}

}  // namespace auditql
