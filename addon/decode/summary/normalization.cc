#include "normalization.h"

#include <map>
#include <vector>

namespace auditql {
namespace {

using ByName = std::map<std::string_view, std::vector<const Normalization*>>;

ByName by_name(std::span<const Normalization> table) {
  ByName names;
  for (const Normalization& each : table) {
    std::string_view list = each.names;
    for (std::string_view name; !(name = next_word(list)).empty();) names[name].push_back(&each);
  }
  return names;
}

}  // namespace

std::string_view next_word(std::string_view& list) {
  const size_t end = std::min(list.find(' '), list.size());
  const std::string_view word = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return word;
}

const Normalization& syscall_normalization(std::string_view syscall) {
  static const ByName names = by_name(syscall_normalizations());
  static constexpr Normalization kAnyCall = {.category = "process", .type = "info"};
  const auto found = names.find(syscall);
  return found == names.end() ? kAnyCall : *found->second.front();
}

const Normalization* record_normalization(std::string_view type, const FieldMap& data) {
  static const ByName names = by_name(record_normalizations());
  const auto found = names.find(type);
  if (found == names.end()) return nullptr;
  const Normalization* last = nullptr;
  for (const Normalization* each : found->second) {
    const bool fits = each->requires_field.empty() || data.contains(each->requires_field);
    if (fits) last = each;
  }
  return last;
}

}  // namespace auditql
