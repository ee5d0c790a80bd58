#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auditql {

/// Appends JSON to a string. Commas are set by themselves; the caller keeps begin and end in pairs.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void text(std::string_view value);
  void number(uint64_t value);
  void boolean(bool value);

  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  /// Nothing at all when the value is empty.
  void member_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) member(name, value);
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void quote(std::string_view value);

  std::string& out_;
  bool needs_comma_ = false;
};

/// `2016-12-07T02:21:48.36Z`: RFC 3339 in UTC, without trailing zeros.
std::string rfc3339(uint64_t time_ns);

}  // namespace auditql
