#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "regex_set.h"

namespace auditql {

/// `* + ? {n,m}` and their lazy forms.
struct RegexRepeat {
  static constexpr uint32_t kUnbounded = UINT32_MAX;
  uint32_t least, most;
  bool lazy = false;
};

/// Reads a pattern piece by piece. After fail() nothing is left of it.
class RegexReader {
 public:
  explicit RegexReader(std::string_view pattern) : rest_(pattern) {}

  bool at_end() const { return rest_.empty(); }
  bool starts_with(std::string_view text) const { return rest_.starts_with(text); }
  bool starts_with(char c) const { return rest_.starts_with(c); }
  /// Skips `text` where it comes next; false where it does not.
  bool skip(std::string_view text);
  char next() const { return rest_[0]; }
  char take();

  /// The first problem counts.
  void fail(std::string problem);
  const std::string& problem() const { return problem_; }

  /// The byte that an escape stands for, behind its backslash.
  unsigned char escaped_byte();
  /// The bytes of `[...]`, behind the bracket that opens it; both cases of each where asked for.
  ByteSet bracket(bool ignore_case);
  bool repeats() const;
  RegexRepeat repeat();

 private:
  unsigned char hex_byte(size_t digits);
  void bracket_item(ByteSet& set);
  unsigned char bracket_byte();
  void bracket_class(ByteSet& set);
  RegexRepeat repeat_bounds();
  uint32_t repeat_number();

  std::string_view rest_;
  std::string problem_;
};

}  // namespace auditql
