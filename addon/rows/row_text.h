#pragma once

#include <cstdio>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "../decode/event.h"

namespace auditql {

/// Text that is made for one row and must live until the row is stored.
class RowText {
 public:
  void clear() { strings_.clear(); }

  std::string_view keep(std::string text) { return strings_.emplace_back(std::move(text)); }

  /// Each argument followed by a NUL byte, as in /proc/PID/cmdline (proc(5)).
  std::string_view nul_ended(std::span<const std::string_view> parts);
  /// Rule keys, which the kernel separates by 0x01, separated by commas.
  std::string_view comma_separated_keys(std::string_view keys);
  /// Permission bits as osquery writes them: octal with four digits, e.g. `0755`.
  std::string_view octal_mode(uint32_t mode);
  std::string_view hexadecimal(uint64_t number);

 private:
  std::deque<std::string> strings_;
};

std::string_view backend_name(BackendKind kind);

}  // namespace auditql
