#include "regex_program.h"

#include <algorithm>
#include <map>
#include <string>

#include "regex_set.h"

namespace auditql {

namespace {

using Op = RegexInstruction::Op;
using Code = std::vector<RegexInstruction>;
constexpr size_t kMaxInstructions = 20'000;
constexpr uint32_t kMaxRepeat = 1'000;
constexpr int kMaxDepth = 200;
constexpr uint32_t kUnbounded = UINT32_MAX;

struct Repeat {
  uint32_t least, most;
  bool lazy = false;
};

/// Builds the program while it reads the pattern; a part's code is position independent.
class RegexCompiler {
 public:
  explicit RegexCompiler(std::string_view pattern) : rest_(pattern) {}

  Result<RegexProgram> compile() {
    if (rest_.starts_with("(?i)")) {
      ignore_case_ = true;
      rest_.remove_prefix(4);
    }
    Code body = alternatives(0);
    if (problem_.empty() && !rest_.empty()) fail("unmatched )");
    if (!problem_.empty()) return Error{"sql_error", problem_};
    append(program_.code, group_code(0, std::move(body)));
    program_.code.push_back({Op::match});
    return std::move(program_);
  }

 private:
  Code fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    rest_ = {};
    return {};
  }

  void append(Code& code, const Code& more) {
    if (code.size() + more.size() > kMaxInstructions) {
      fail("the expression is too complex");
      return;
    }
    code.insert(code.end(), more.begin(), more.end());
  }

  static int32_t length(const Code& code) { return static_cast<int32_t>(code.size()); }

  Code alternatives(int depth) {
    if (depth > kMaxDepth) return fail("the expression is nested too deeply");
    Code code = sequence(depth);
    while (rest_.starts_with('|')) {
      rest_.remove_prefix(1);
      const Code other = sequence(depth);
      Code both{{Op::split, 0, 1, length(code) + 2}};
      append(both, code);
      both.push_back({Op::jump, 0, length(other) + 1});
      append(both, other);
      code = std::move(both);
    }
    return code;
  }

  Code sequence(int depth) {
    Code code;
    while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
      const bool repeatable = rest_[0] != '^' && rest_[0] != '$';
      Code part = atom(depth);
      if (repeatable) part = repeated(std::move(part));
      append(code, part);
    }
    return code;
  }

  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  Code atom(int depth) {
    const char c = take();
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return bracket();
      case '\\':
        return escape();
      case '.':
        return set_code(any_but_line_end());
      case '^':
        return {{Op::text_start}};
      case '$':
        return {{Op::text_end}};
      case '*':
      case '+':
      case '?':
      case '{':
        return fail(std::string("nothing to repeat before ") + c);
      default:
        return byte_code(static_cast<unsigned char>(c));
    }
  }

  Code set_code(ByteSet set) {
    if (ignore_case_) set = either_case(set);
    const auto found = std::find(program_.sets.begin(), program_.sets.end(), set);
    const auto index = static_cast<uint32_t>(found - program_.sets.begin());
    if (found == program_.sets.end()) program_.sets.push_back(set);
    return {{Op::byte_set, index}};
  }

  Code byte_code(unsigned char byte) { return set_code(byte_range(byte, byte)); }

  Code group(int depth) {
    const bool capturing = !rest_.starts_with('?');
    if (!capturing) {
      if (!rest_.starts_with("?:")) return fail("look-ahead and (?...) forms are not supported");
      rest_.remove_prefix(2);
    }
    const uint32_t number = capturing ? program_.groups++ : 0;
    Code body = alternatives(depth + 1);
    if (!rest_.starts_with(')')) return fail("missing )");
    rest_.remove_prefix(1);
    return capturing ? group_code(number, std::move(body)) : body;
  }

  Code group_code(uint32_t number, Code body) {
    Code code{{Op::save, 2 * number}};
    append(code, body);
    code.push_back({Op::save, 2 * number + 1});
    return code;
  }

  Code escape() {
    if (rest_.empty()) return fail("trailing \\");
    const char c = rest_[0];
    if (c == 'b' || c == 'B') {
      rest_.remove_prefix(1);
      return {{c == 'b' ? Op::word_boundary : Op::no_word_boundary}};
    }
    if (c >= '1' && c <= '9') return fail("back-references are not supported");
    if (const auto set = escape_class(c)) {
      rest_.remove_prefix(1);
      return set_code(*set);
    }
    return byte_code(escaped_byte());
  }

  /// The byte that an escape stands for; `rest_` is behind the backslash.
  unsigned char escaped_byte() {
    const char c = take();
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case '0':
        return '\0';
      case 'x':
        return hex_byte(2);
      case 'u':
        return hex_byte(4);
      case 'c':
        return rest_.empty() ? static_cast<unsigned char>(fail("bad \\c").size())
                             : static_cast<unsigned char>(take() & 31);
      default:
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) fail(std::string("unknown \\") + c);
        return static_cast<unsigned char>(c);
    }
  }

  unsigned char hex_byte(size_t digits) {
    const std::string text(rest_.substr(0, digits));
    const bool hex = text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
                       return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                     });
    const unsigned long value = hex ? std::stoul(text, nullptr, 16) : 256;
    if (value > 255) {
      fail("bad hexadecimal escape");
      return 0;
    }
    rest_.remove_prefix(digits);
    return static_cast<unsigned char>(value);
  }

  Code bracket() {
    const bool negated = rest_.starts_with('^');
    if (negated) rest_.remove_prefix(1);
    ByteSet set;
    while (!rest_.starts_with(']')) {
      if (rest_.empty()) return fail("missing ]");
      bracket_item(set);
    }
    rest_.remove_prefix(1);
    if (ignore_case_) set = either_case(set);
    return set_code(negated ? ~set : set);
  }

  void bracket_item(ByteSet& set) {
    if (rest_.starts_with("[:")) return bracket_class(set);
    if (rest_.starts_with("[.") || rest_.starts_with("[=")) {
      fail("collating elements are not supported");
      return;
    }
    if (rest_.size() > 1 && rest_[0] == '\\') {
      if (const auto escaped = escape_class(rest_[1])) {
        rest_.remove_prefix(2);
        set |= *escaped;
        return;
      }
    }
    const unsigned char low = bracket_byte();
    const bool range = rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
    if (!range) {
      set[low] = true;
      return;
    }
    rest_.remove_prefix(1);
    const unsigned char high = bracket_byte();
    if (high < low) fail("range out of order in []");
    set |= byte_range(low, high);
  }

  unsigned char bracket_byte() {
    const char c = take();
    if (c != '\\' || rest_.empty()) return static_cast<unsigned char>(c);
    if (rest_[0] == 'b') {
      rest_.remove_prefix(1);
      return '\b';
    }
    return escaped_byte();
  }

  void bracket_class(ByteSet& set) {
    const size_t end = rest_.find(":]");
    const auto named =
        end == std::string_view::npos ? std::nullopt : posix_class(rest_.substr(2, end - 2));
    if (!named) {
      fail("unknown character class");
      return;
    }
    set |= *named;
    rest_.remove_prefix(end + 2);
  }

  Code repeated(Code part) {
    while (!rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos) {
      Repeat repeat = repeat_bounds();
      if (!problem_.empty()) return {};
      if (rest_.starts_with('?')) {
        repeat.lazy = true;
        rest_.remove_prefix(1);
      }
      part = repeat_code(part, repeat);
    }
    return part;
  }

  Repeat repeat_bounds() {
    switch (take()) {
      case '*':
        return {0, kUnbounded};
      case '+':
        return {1, kUnbounded};
      case '?':
        return {0, 1};
      default:
        break;
    }
    Repeat repeat{};
    repeat.least = repeat_number();
    repeat.most = repeat.least;
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      repeat.most = rest_.starts_with('}') ? kUnbounded : repeat_number();
    }
    if (!rest_.starts_with('}') || repeat.most < repeat.least) {
      fail("bad {n,m}");
      return repeat;
    }
    rest_.remove_prefix(1);
    return repeat;
  }

  uint32_t repeat_number() {
    uint32_t number = 0;
    size_t digits = 0;
    while (digits < rest_.size() && std::isdigit(static_cast<unsigned char>(rest_[digits])) != 0) {
      number = std::min(number * 10 + static_cast<uint32_t>(rest_[digits++] - '0'), kMaxRepeat + 1);
    }
    if (digits == 0 || number > kMaxRepeat) fail("bad {n,m}");
    rest_.remove_prefix(std::min(digits, rest_.size()));
    return number;
  }

  static RegexInstruction split_code(int32_t into, int32_t past, bool lazy) {
    return lazy ? RegexInstruction{Op::split, 0, past, into}
                : RegexInstruction{Op::split, 0, into, past};
  }

  Code repeat_code(const Code& part, Repeat repeat) {
    Code code;
    for (uint32_t i = 0; i < repeat.least; i++) append(code, part);
    if (repeat.most == kUnbounded) {
      code.push_back(split_code(1, length(part) + 2, repeat.lazy));
      append(code, part);
      code.push_back({Op::jump, 0, -length(part) - 1});
      return code;
    }
    const auto step = length(part) + 1;
    for (uint32_t i = repeat.least; i < repeat.most && problem_.empty(); i++) {
      const auto left = static_cast<int32_t>(repeat.most - i);
      code.push_back(split_code(1, left * step, repeat.lazy));
      append(code, part);
    }
    return code;
  }

  std::string_view rest_;
  RegexProgram program_;
  std::string problem_;
  bool ignore_case_ = false;
};

}  // namespace

Result<RegexProgram> compile_regex(std::string_view pattern) {
  return RegexCompiler(pattern).compile();
}

}  // namespace auditql
