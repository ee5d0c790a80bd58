#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared_library.h"

namespace auditql {

/// A rule that matched.
struct YaraMatch {
  std::string rule;
  std::vector<std::string> tags;
};

/// Rules compiled by libyara 4.2 or later, where the host has it. For one thread.
class YaraRules {
 public:
  /// Null when libyara is absent, and for rules that do not compile. `include` is refused: a
  /// query must not make the worker read files that way.
  static std::unique_ptr<YaraRules> compile(const std::string& source);
  ~YaraRules();

  const std::string& source() const { return source_; }
  /// Nothing when the scan failed or took longer than the timeout.
  std::optional<std::vector<YaraMatch>> scan(std::span<const uint8_t> bytes, int timeout_seconds);
  /// Stops the process for as long as it reads its memory (ptrace(2)).
  std::optional<std::vector<YaraMatch>> scan_process(int pid, int timeout_seconds);

 private:
  using Compiler = struct YR_COMPILER*;
  using Rules = struct YR_RULES*;
  struct Api {
    using Callback = int(void* context, int message, void* data, void* user_data);
    int (*initialize)() = nullptr;
    int (*create)(Compiler*) = nullptr;
    void (*destroy)(Compiler) = nullptr;
    void (*set_include)(Compiler, void*, void*, void*) = nullptr;
    int (*add_string)(Compiler, const char*, const char*) = nullptr;
    int (*get_rules)(Compiler, Rules*) = nullptr;
    int (*destroy_rules)(Rules) = nullptr;
    int (*scan_memory)(Rules, const uint8_t*, size_t, int, Callback*, void*, int) = nullptr;
    int (*scan_process)(Rules, int, int, Callback*, void*, int) = nullptr;
  };
  struct Scan;

  YaraRules() = default;
  bool load();
  bool bind();
  bool build();
  static int take_message(void* context, int message, void* data, void* user_data);

  SharedLibrary library_;
  Api api_;
  /// Where YR_RULE holds its identifier; its tags follow.
  size_t identifier_offset_ = 0;
  Rules rules_ = nullptr;
  std::string source_;
};

}  // namespace auditql
