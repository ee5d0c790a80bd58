#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "regex_program.h"

namespace auditql {

inline constexpr size_t kNoPosition = SIZE_MAX;

/// Bounds of each group in the text, start and end by turns; kNoPosition where it took no part.
using RegexGroups = std::vector<size_t>;

/// Runs programs. Keeps its buffers from text to text.
class RegexMatcher {
 public:
  /// `stop` is asked now and then; true ends the search.
  RegexMatcher(const RegexProgram& program, std::function<bool()> stop);

  struct Search {
    std::string_view text;
    size_t start = 0;        ///< where to begin; what is before it counts for \b and ^
    bool anchored = false;   ///< only matches that begin at `start`
    bool not_empty = false;  ///< no empty match at `start`
  };
  enum class Outcome { found, not_found, stopped };
  /// The leftmost match; among those the one that backtracking would find first.
  Outcome search(const Search& search, RegexGroups& groups);
  /// Whether there is a match, without its bounds: ends at the first one.
  Outcome test(std::string_view text);

 private:
  struct Thread {
    uint32_t at;
    RegexGroups groups;
  };
  struct ThreadList {
    std::vector<Thread> threads;
    size_t count = 0;
  };
  /// An instruction to follow, or the former value of a group bound to put back.
  struct Pending {
    uint32_t at;
    uint32_t bound;
    size_t position;
  };
  void follow(ThreadList& list, uint32_t start, RegexGroups& groups);
  void add_thread(ThreadList& list, uint32_t at, const RegexGroups& groups);
  bool is_word_boundary() const;
  /// False when a match was found that ends the threads behind it.
  void step(const ThreadList& now, ThreadList& next);

  const RegexProgram& program_;
  std::function<bool()> stop_;
  ThreadList lists_[2];
  std::vector<uint64_t> visited_;  ///< by instruction: the round in which it was followed
  uint64_t round_ = 0;
  Search search_;
  size_t position_ = 0;
  bool found_ = false;
  bool want_groups_ = true;
  RegexGroups best_;
  RegexGroups scratch_;
  std::vector<Pending> pending_;
};

}  // namespace auditql
