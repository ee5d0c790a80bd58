#include "field_map.h"

#include <utility>

namespace auditql {

const std::string* find_value(const FieldMap& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : &found->second;
}

std::string take_value(FieldMap& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return {};
  std::string value = std::move(found->second);
  fields.erase(found);
  return value;
}

}  // namespace auditql
