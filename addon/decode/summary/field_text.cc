#include "field_text.h"

#include <algorithm>

namespace auditql {
namespace {

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '[' ||
         c == ']';
}

/// Old programs wrote sentences: `user pid=1 msg='uid=848: exe="/bin/login" (hostname=a, addr=b)'`,
/// and object managers still do, `(seqno=96)`. auparse takes the marks off as well.
std::string_view without_punctuation(std::string_view value) {
  // fe80:: is an address.
  if (value.ends_with(':') && value.find(':') == value.size() - 1) value.remove_suffix(1);
  if (value.ends_with(',')) value.remove_suffix(1);
  if (value.ends_with(')') && value.find('(') == std::string_view::npos) value.remove_suffix(1);
  return value;
}

/// Where a log was copied as text and lost the separator, auditd's own fields are glued to the last
/// number: `ouid=0FSUID="root"`.
std::string_view without_glued(std::string_view value) {
  const size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
  const size_t name = value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", digits);
  const bool is_glued = digits > 0 && name != std::string_view::npos && name > digits;
  return is_glued && value[name] == '=' ? value.substr(0, digits) : value;
}

}  // namespace

std::string_view field_key(std::string_view name) {
  size_t start = name.size();
  while (start > 0 && is_key_char(name[start - 1])) start--;
  return name.substr(start);
}

std::string_view trimmed(std::string_view value) {
  constexpr std::string_view kTrimmed = "'\" ";
  const size_t start = value.find_first_not_of(kTrimmed);
  if (start == std::string_view::npos) return {};
  return value.substr(start, value.find_last_not_of(kTrimmed) - start + 1);
}

std::string_view plain_text(std::string_view value) {
  const bool quoted = value.starts_with('"') || value.starts_with('\'');
  return without_glued(quoted ? trimmed(value) : without_punctuation(trimmed(value)));
}

bool says_nothing(std::string_view value) {
  return value.empty() || value == "?" || value == "?," || value == "(null)";
}

}  // namespace auditql
