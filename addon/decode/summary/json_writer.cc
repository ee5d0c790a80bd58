#include "json_writer.h"

#include <charconv>
#include <cstdio>

#include "../../bytes/json_text.h"

namespace auditql {
namespace {

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
  append_json_text(out_, value);
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
