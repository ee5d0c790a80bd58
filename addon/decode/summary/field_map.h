#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace auditql {

/// Fields for people to read, in order of their names.
using FieldMap = std::map<std::string, std::string, std::less<>>;

/// The value of a field; null when there is none.
const std::string* find_value(const FieldMap& fields, std::string_view name);
/// Takes a field out and gives its value; empty when there is none.
std::string take_value(FieldMap& fields, std::string_view name);

}  // namespace auditql
