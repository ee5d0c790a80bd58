// The regular expressions find what a backtracking engine finds, without its worst case.
#include <random>
#include <regex>

#include "check.h"
#include "sql/regex/regex_dfa.h"
#include "sql/regex/regex_matcher.h"

namespace auditql::test {
namespace {

RegexProgram compiled(const std::string& pattern) {
  auto program = compile_regex(pattern);
  if (program.ok()) return program.take();
  std::fprintf(stderr, "%s: %s\n", pattern.c_str(), program.error().message.c_str());
  EXPECT(program.ok());
  return {};
}

/// The groups of the first match as `[start,end)` texts, `-` where one took no part.
std::string groups_of(const std::string& pattern, const std::string& text) {
  const RegexProgram program = compiled(pattern);
  RegexMatcher matcher(program, [] { return false; });
  RegexGroups groups;
  if (matcher.search({text}, groups) != RegexMatcher::Outcome::found) return "no match";
  std::string shown;
  for (size_t i = 0; i < groups.size(); i += 2) {
    const bool took_part = groups[i] != kNoPosition && groups[i + 1] != kNoPosition;
    shown += took_part ? "[" + text.substr(groups[i], groups[i + 1] - groups[i]) + "]" : "-";
  }
  return shown;
}

/// Whether there is a match, by the table of states where it can be used.
bool is_found(const std::string& pattern, const std::string& text) {
  const RegexProgram program = compiled(pattern);
  RegexMatcher matcher(program, [] { return false; });
  const bool found = matcher.test(text) == RegexMatcher::Outcome::found;
  return RegexDfa(program).test(text).value_or(found);
}

/// The same by the C++ library, the engine that osquery uses.
std::string groups_by_library(const std::string& pattern, const std::string& text) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) return "no match";
  std::string shown;
  for (const auto& each : match) shown += each.matched ? "[" + each.str() + "]" : "-";
  return shown;
}

std::string problem_of(const std::string& pattern) {
  const auto program = compile_regex(pattern);
  return program.ok() ? "" : program.error().message;
}

/// Patterns of all that the syntax has, over an alphabet so small that they often match.
class PatternMaker {
 public:
  explicit PatternMaker(uint32_t seed) : random_(seed) {}

  std::string pattern() { return alternatives(0); }
  std::string text() {
    std::string text;
    for (uint32_t i = below(13); i > 0; i--) text += "aabbc1 _\n/"[below(10)];
    return text;
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  std::string alternatives(int depth) {
    std::string made = sequence(depth);
    while (below(4) == 0) made += "|" + sequence(depth);
    return made;
  }
  std::string sequence(int depth) {
    std::string made;
    for (uint32_t i = below(4) + (depth == 0 ? 1 : 0); i > 0; i--) made += repeated(depth);
    return made;
  }
  std::string repeated(int depth) {
    static const char* const kRepeats[] = {"*",  "+",   "?",     "*?",    "+?",
                                           "??", "{2}", "{1,2}", "{0,2}?"};
    if (below(9) == 0) return below(2) == 0 ? "^" : "$";
    if (below(9) == 0) return below(2) == 0 ? "\\b" : "\\B";
    // What is repeated takes at least a byte: std::regex ends a loop over nothing in its own way.
    if (below(3) == 0) return one() + kRepeats[below(9)];
    if (depth < 2 && below(4) == 0) {
      const std::string open = below(2) == 0 ? "(" : "(?:";
      if (below(3) == 0) return open + one() + sequence(depth + 1) + ")" + kRepeats[below(9)];
      return open + alternatives(depth + 1) + ")";
    }
    return one();
  }
  std::string one() {
    static const char* const kOnes[] = {
        "a",   "b",      "c",           ".",     "[ab]", "[^a]",   "\\w",    "\\d",          "\\s",
        "\\W", "[a-c1]", "[[:alpha:]]", "\\x61", "\\/",  "[^\\s]", "[\\d_]", "[[:space:]b]", "\\D"};
    return kOnes[below(18)];
  }

  std::mt19937 random_;
};

constexpr const char* kPatterns[] = {
    "a",
    "a*",
    "a+?b",
    "(a|ab)(c|bcd)(d*)",
    "^/usr/(\\w+)/",
    "(x+x+)+y",
    "[a-c]+",
    "[^a-c]+",
    "\\d{2,3}",
    "\\d{2,3}?",
    "(\\d+)-(\\d+)",
    "\\bcurl\\b",
    "\\Bu",
    "(a)|(b)",
    "(?:ab)+",
    "a{0}b",
    "a{2,}",
    "[[:digit:]]+",
    "[\\w.-]+@[\\w.]+",
    "(foo|foobar)$",
    "^$",
    "|a",
    "a||b",
    "\\x41+",
    "[]a]",
    "\\.\\/",
    "(.*)(\\d+)",
    "(.*?)(\\d+)",
    "[\\d-]+",
    "\\s+",
    "\\S+$",
    "(^a)|b",
    ".+/([^./]+)",
    "(?:(a)|b)*",
    "a.c",
    "[.]",
    "\\$\\{.*\\}",
};

constexpr const char* kTexts[] = {
    "",
    "a",
    "aab",
    "abcd",
    "/usr/bin/curl",
    "xxxxxxxxy",
    "123-4567",
    "b",
    "ababab",
    "AAA",
    "x@y.example",
    "foobar",
    "a\nc",
    "curl http://1.2.3.4/$(x)",
    "-12-",
    "/filesystem/path/download.extension.zip",
    "${jndi:ldap://x}",
    "caba",
    "] a",
};

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  claim("matches and groups are those of the engine that osquery uses", [] {
    for (const char* pattern : kPatterns) {
      for (const char* text : kTexts) {
        const std::string found = groups_of(pattern, text);
        const std::string expected = groups_by_library(pattern, text);
        EXPECT_EQ(is_found(pattern, text), expected != "no match");
        if (found == expected) continue;
        std::fprintf(stderr, "%s on %s: found %s, expected %s\n", pattern, text, found.c_str(),
                     expected.c_str());
        EXPECT_EQ(found, expected);
      }
    }
  });

  claim("4000 random patterns find in random texts what that engine finds", [] {
    PatternMaker maker(20251121);
    for (int i = 0; i < 4000; i++) {
      const std::string pattern = maker.pattern();
      for (int turn = 0; turn < 4; turn++) {
        const std::string text = maker.text();
        const std::string expected = groups_by_library(pattern, text);
        const std::string found = groups_of(pattern, text);
        EXPECT_EQ(is_found(pattern, text), expected != "no match");
        if (found == expected) continue;
        std::fprintf(stderr, "%s on %s: found %s, expected %s\n", pattern.c_str(), text.c_str(),
                     found.c_str(), expected.c_str());
        EXPECT_EQ(found, expected);
      }
    }
  });

  claim("(?i) in front ignores case", [] {
    EXPECT_EQ(groups_of("(?i)powerShell [a-f]+", "POWERshell DeadBeef"), "[POWERshell DeadBeef]");
    EXPECT_EQ(groups_of("(?i)[^a]", "Aab"), "[b]");
  });

  claim("patterns that backtracking takes forever for are answered at once", [] {
    const std::string text(100'000, 'a');
    for (const char* pattern : {"(a*)*b", "(a|a)*b", "(a|aa)+$b", "(.*)*x", "(\\w+\\s?)+!"}) {
      EXPECT_EQ(groups_of(pattern, text), "no match");
    }
  });

  claim("what cannot be read or matched in linear time is refused with the reason", [] {
    EXPECT_EQ(problem_of("(a"), "missing )");
    EXPECT_EQ(problem_of("a)"), "unmatched )");
    EXPECT_EQ(problem_of("+"), "nothing to repeat before +");
    EXPECT_EQ(problem_of("[a"), "missing ]");
    EXPECT_EQ(problem_of("[z-a]"), "range out of order in []");
    EXPECT_EQ(problem_of("a\\"), "trailing \\");
    EXPECT_EQ(problem_of("(a)\\1"), "back-references are not supported");
    EXPECT_EQ(problem_of("a(?=b)"), "look-ahead and (?...) forms are not supported");
    EXPECT_EQ(problem_of("a{2,1}"), "bad {n,m}");
    EXPECT_EQ(problem_of("((a{1000}){1000})"), "the expression is too complex");
    EXPECT_EQ(problem_of(std::string(300, '(')), "the expression is nested too deeply");
  });

  claim("states are bounded: a program that has too many is run without the table", [] {
    const RegexProgram program = compiled("a.{14}b");
    RegexDfa dfa(program);
    std::string text;
    for (uint32_t i = 0, x = 1; i < 200'000; i++, x = x * 1664525 + 1013904223) {
      text += x >> 31 != 0 ? 'a' : 'c';
    }
    EXPECT(!dfa.test(text).has_value());
    EXPECT(!dfa.test("a").has_value());
  });

  claim("a search is ended when it is told to stop", [] {
    const RegexProgram program = compiled("b");
    RegexMatcher matcher(program, [] { return true; });
    EXPECT(matcher.test(std::string(10'000, 'a')) == RegexMatcher::Outcome::stopped);
  });

  return run_claims(argc, argv);
}
