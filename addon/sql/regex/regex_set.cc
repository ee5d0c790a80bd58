#include "regex_set.h"

#include <cctype>

namespace auditql {

namespace {

struct NamedClass {
  std::string_view name;
  int (*contains)(int);
};
constexpr NamedClass kClasses[] = {
    {"alpha", ::isalpha}, {"digit", ::isdigit}, {"alnum", ::isalnum}, {"upper", ::isupper},
    {"lower", ::islower}, {"space", ::isspace}, {"blank", ::isblank}, {"punct", ::ispunct},
    {"print", ::isprint}, {"graph", ::isgraph}, {"cntrl", ::iscntrl}, {"xdigit", ::isxdigit},
    {"d", ::isdigit},     {"s", ::isspace},
};

}  // namespace

std::optional<ByteSet> posix_class(std::string_view name) {
  if (name == "w") return escape_class('w');
  for (const NamedClass& each : kClasses) {
    if (each.name != name) continue;
    ByteSet set;
    // Bytes from 128 on are in no class of the C locale, whatever locale the process runs in.
    for (int byte = 0; byte < 128; byte++)
      set[static_cast<size_t>(byte)] = each.contains(byte) != 0;
    return set;
  }
  return std::nullopt;
}

std::optional<ByteSet> escape_class(char letter) {
  ByteSet set;
  switch (letter) {
    case 'd':
    case 'D':
      set = byte_range('0', '9');
      break;
    case 'w':
    case 'W':
      set =
          byte_range('0', '9') | byte_range('a', 'z') | byte_range('A', 'Z') | byte_range('_', '_');
      break;
    case 's':
    case 'S':
      set = byte_range('\t', '\r') | byte_range(' ', ' ');
      break;
    default:
      return std::nullopt;
  }
  return letter < 'a' ? ~set : set;
}

ByteSet any_but_line_end() { return ~(byte_range('\n', '\n') | byte_range('\r', '\r')); }

ByteSet byte_range(unsigned char low, unsigned char high) {
  ByteSet set;
  for (size_t byte = low; byte <= high; byte++) set[byte] = true;
  return set;
}

ByteSet either_case(ByteSet set) {
  for (size_t lower = 'a'; lower <= 'z'; lower++) {
    const size_t upper = lower - 'a' + 'A';
    const bool any = set[lower] || set[upper];
    set[lower] = any;
    set[upper] = any;
  }
  return set;
}

}  // namespace auditql
