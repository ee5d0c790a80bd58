#include "regex_reader.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace auditql {

namespace {
constexpr uint32_t kMaxRepeat = 1'000;
}  // namespace

bool RegexReader::skip(std::string_view text) {
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

char RegexReader::take() {
  const char c = rest_[0];
  rest_.remove_prefix(1);
  return c;
}

void RegexReader::fail(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
  rest_ = {};
}

unsigned char RegexReader::escaped_byte() {
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
      if (!rest_.empty()) return static_cast<unsigned char>(take() & 31);
      fail("bad \\c");
      return 0;
    default:
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) fail(std::string("unknown \\") + c);
      return static_cast<unsigned char>(c);
  }
}

unsigned char RegexReader::hex_byte(size_t digits) {
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

ByteSet RegexReader::bracket(bool ignore_case) {
  const bool negated = skip("^");
  ByteSet set;
  while (!skip("]")) {
    if (rest_.empty()) {
      fail("missing ]");
      return {};
    }
    bracket_item(set);
  }
  if (ignore_case) set = either_case(set);
  return negated ? ~set : set;
}

void RegexReader::bracket_item(ByteSet& set) {
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

unsigned char RegexReader::bracket_byte() {
  const char c = take();
  if (c != '\\' || rest_.empty()) return static_cast<unsigned char>(c);
  if (rest_[0] == 'b') {
    rest_.remove_prefix(1);
    return '\b';
  }
  return escaped_byte();
}

void RegexReader::bracket_class(ByteSet& set) {
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

RegexRepeat RegexReader::repeat_bounds() {
  switch (take()) {
    case '*':
      return {0, RegexRepeat::kUnbounded};
    case '+':
      return {1, RegexRepeat::kUnbounded};
    case '?':
      return {0, 1};
    default:
      break;
  }
  RegexRepeat repeat{};
  repeat.least = repeat_number();
  repeat.most = repeat.least;
  if (rest_.starts_with(',')) {
    rest_.remove_prefix(1);
    repeat.most = rest_.starts_with('}') ? RegexRepeat::kUnbounded : repeat_number();
  }
  if (!rest_.starts_with('}') || repeat.most < repeat.least) {
    fail("bad {n,m}");
    return repeat;
  }
  rest_.remove_prefix(1);
  return repeat;
}

uint32_t RegexReader::repeat_number() {
  uint32_t number = 0;
  size_t digits = 0;
  while (digits < rest_.size() && std::isdigit(static_cast<unsigned char>(rest_[digits])) != 0) {
    number = std::min(number * 10 + static_cast<uint32_t>(rest_[digits++] - '0'), kMaxRepeat + 1);
  }
  if (digits == 0 || number > kMaxRepeat) fail("bad {n,m}");
  rest_.remove_prefix(std::min(digits, rest_.size()));
  return number;
}

bool RegexReader::repeats() const {
  return !rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos;
}

RegexRepeat RegexReader::repeat() {
  RegexRepeat read = repeat_bounds();
  read.lazy = skip("?");
  return read;
}

}  // namespace auditql
