#include "regex_program.h"

#include <algorithm>
#include <string>

#include "regex_reader.h"

namespace auditql {

namespace {

using Op = RegexInstruction::Op;
using Code = std::vector<RegexInstruction>;
constexpr size_t kMaxInstructions = 20'000;
constexpr int kMaxDepth = 200;

/// Builds the program while it reads the pattern; a part's code is position independent.
class RegexCompiler {
 public:
  explicit RegexCompiler(std::string_view pattern) : in_(pattern) {}

  Result<RegexProgram> compile() {
    ignore_case_ = in_.skip("(?i)");
    Code body = alternatives(0);
    if (!in_.at_end()) fail("unmatched )");
    append(program_.code, group_code(0, std::move(body)));
    if (!in_.problem().empty()) return Error{"sql_error", in_.problem()};
    program_.code.push_back({Op::match});
    return std::move(program_);
  }

 private:
  Code fail(std::string problem) {
    in_.fail(std::move(problem));
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
    while (in_.skip("|")) {
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
    while (!in_.at_end() && !in_.starts_with('|') && !in_.starts_with(')')) {
      const bool repeatable = !in_.starts_with('^') && !in_.starts_with('$');
      Code part = atom(depth);
      if (repeatable) part = repeated(std::move(part));
      append(code, part);
    }
    return code;
  }

  Code atom(int depth) {
    const char c = in_.take();
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return set_code(in_.bracket(ignore_case_));
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
    const bool capturing = !in_.skip("?:");
    if (capturing && in_.starts_with('?')) {
      return fail("look-ahead and (?...) forms are not supported");
    }
    const uint32_t number = capturing ? program_.groups++ : 0;
    Code body = alternatives(depth + 1);
    if (!in_.skip(")")) return fail("missing )");
    return capturing ? group_code(number, std::move(body)) : body;
  }

  Code group_code(uint32_t number, Code body) {
    Code code{{Op::save, 2 * number}};
    append(code, body);
    code.push_back({Op::save, 2 * number + 1});
    return code;
  }

  Code escape() {
    if (in_.at_end()) return fail("trailing \\");
    if (in_.skip("b")) return {{Op::word_boundary}};
    if (in_.skip("B")) return {{Op::no_word_boundary}};
    const char c = in_.next();
    if (c >= '1' && c <= '9') return fail("back-references are not supported");
    if (const auto set = escape_class(c)) {
      in_.take();
      return set_code(*set);
    }
    return byte_code(in_.escaped_byte());
  }

  Code repeated(Code part) {
    while (in_.repeats()) {
      const RegexRepeat repeat = in_.repeat();
      if (!in_.problem().empty()) return {};
      part = repeat_code(part, repeat);
    }
    return part;
  }

  static RegexInstruction split_code(int32_t into, int32_t past, bool lazy) {
    return lazy ? RegexInstruction{Op::split, 0, past, into}
                : RegexInstruction{Op::split, 0, into, past};
  }

  Code repeat_code(const Code& part, RegexRepeat repeat) {
    Code code;
    for (uint32_t i = 0; i < repeat.least; i++) append(code, part);
    if (repeat.most == RegexRepeat::kUnbounded) {
      code.push_back(split_code(1, length(part) + 2, repeat.lazy));
      append(code, part);
      code.push_back({Op::jump, 0, -length(part) - 1});
      return code;
    }
    const auto step = length(part) + 1;
    for (uint32_t i = repeat.least; i < repeat.most && in_.problem().empty(); i++) {
      const auto left = static_cast<int32_t>(repeat.most - i);
      code.push_back(split_code(1, left * step, repeat.lazy));
      append(code, part);
    }
    return code;
  }

  RegexReader in_;
  RegexProgram program_;
  bool ignore_case_ = false;
};

}  // namespace

Result<RegexProgram> compile_regex(std::string_view pattern) {
  return RegexCompiler(pattern).compile();
}

}  // namespace auditql
