#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace auditql {

struct ExtendedAttribute {
  std::string key;
  std::vector<uint8_t> value;
};

/// Extended attributes (xattr(7)) of a file, following symbolic links; none when it has none, or
/// when it is not there.
std::vector<ExtendedAttribute> extended_attributes(const std::string& path);

}  // namespace auditql
