#include "enriched_reader.h"

#include <algorithm>

namespace auditql {
namespace {

/// Length of the name at the start of the text that an equals sign follows; 0 when there is none.
size_t name_size(std::string_view text) {
  const auto is_of_name = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  const auto end = std::find_if_not(text.begin(), text.end(), is_of_name);
  return end != text.end() && *end == '=' ? static_cast<size_t>(end - text.begin()) : 0;
}

/// Whether a value can end before `text`: at the end, or where a blank and a name follow.
bool is_boundary(std::string_view text) {
  return text.empty() || (text.front() == ' ' && name_size(text.substr(1)) > 0);
}

/// Where a value that `close` ends is over. Braces hold what the kernel was given, which may look
/// like their end; auditd writes one such value in a record, so that the last end counts.
size_t closed_size(std::string_view text, char close) {
  size_t size = 0;
  for (size_t at = 1; at < text.size(); at++) {
    if (text[at] != close || !is_boundary(text.substr(at + 1))) continue;
    size = at + 1;
    if (close == '"') break;
  }
  return size;
}

size_t value_size(std::string_view text) {
  size_t size = 0;
  if (text.starts_with('"')) size = closed_size(text, '"');
  if (text.starts_with('{')) size = closed_size(text, '}');
  while (size == 0 || !is_boundary(text.substr(size))) {
    if (size == text.size()) break;
    size++;
  }
  return size;
}

}  // namespace

bool EnrichedReader::next(Field& field) {
  while (!rest_.empty()) {
    const size_t size = name_size(rest_);
    if (size == 0) {
      rest_.remove_prefix(1);
      continue;
    }
    field.name = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    const size_t length = is_boundary(rest_) ? 0 : value_size(rest_);
    field.value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }
  return false;
}

}  // namespace auditql
