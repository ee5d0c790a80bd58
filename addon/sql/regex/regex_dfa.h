#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "regex_program.h"

namespace auditql {

/// Answers whether a text has a match, one table look-up a byte: the sets of instructions that a
/// text can lead to are computed when they are first met, and forgotten when they are too many.
class RegexDfa {
 public:
  explicit RegexDfa(const RegexProgram& program);

  /// None where the program cannot be run so (word boundaries look at two bytes), or its states
  /// keep being too many.
  std::optional<bool> test(std::string_view text);

 private:
  using State = uint16_t;
  static constexpr State kUnknown = UINT16_MAX;
  /// Instructions, ascending, at which the machine waits: byte sets, ends of text, the match.
  using Waiting = std::vector<uint32_t>;

  State start();
  State step(State state, unsigned char byte);
  State state_of(Waiting waiting);
  void follow(Waiting& waiting, uint32_t at, bool at_text_start);
  /// Whether a match follows from what waits for the end of the text.
  bool matches_at_end(State state, bool at_text_start);
  void forget();

  const RegexProgram& program_;
  bool usable_ = true;
  uint32_t forgotten_ = 0;
  std::vector<Waiting> states_;
  std::vector<bool> is_match_;
  std::vector<State> next_;  ///< 256 for each state
  std::map<Waiting, State> known_;
  State start_ = kUnknown;  ///< at the beginning of a text
  std::vector<uint64_t> visited_;
  uint64_t round_ = 0;
};

}  // namespace auditql
