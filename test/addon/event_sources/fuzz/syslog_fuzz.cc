// libFuzzer over lines of the syslog pipe: what is read is as osquery has it, and written as CSV
// again reads the same. Run by `node scripts/test.mjs fuzz`.
#include <cstdlib>
#include <string>

#include "event_sources/syslog_line.h"

namespace {

using namespace auditql;

void require(bool holds) {
  if (!holds) std::abort();
}

/// As rsyslog writes a property with format="csv" (RFC 4180, 2.7).
std::string quoted(std::string_view field) {
  std::string text = "\"";
  for (const char each : field) text.append(each == '"' ? 2 : 1, each);
  return text + '"';
}

bool is_trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  return text.empty() || (kSpace.find(text.front()) == std::string_view::npos &&
                          kSpace.find(text.back()) == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto line = SyslogLine::parse({reinterpret_cast<const char*>(data), size});
  if (!line) return 0;
  require(line->severity <= 7);
  for (const std::string* each : {&line->datetime, &line->host, &line->facility, &line->message}) {
    require(is_trimmed(*each));
  }
  const std::string written = quoted(line->datetime) + "," + quoted(line->host) + "," +
                              std::to_string(line->severity) + "," + quoted(line->facility) + "," +
                              quoted(line->tag + ":") + "," + quoted(line->message) + "\r";
  const auto again = SyslogLine::parse(written);
  require(again.has_value());
  require(again->datetime == line->datetime && again->host == line->host &&
          again->severity == line->severity && again->facility == line->facility &&
          again->tag == line->tag && again->message == line->message);
  return 0;
}
