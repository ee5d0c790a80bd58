#include "extended_attributes.h"

#include <sys/xattr.h>

#include <cstring>

namespace auditql {

namespace {

// XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h: no list or value is larger.
constexpr size_t kMaxBytes = 64 * 1024;

}  // namespace

std::vector<ExtendedAttribute> extended_attributes(const std::string& path) {
  std::vector<ExtendedAttribute> attributes;
  std::vector<char> names(kMaxBytes);
  std::vector<uint8_t> value(kMaxBytes);
  const ssize_t length = listxattr(path.c_str(), names.data(), names.size());
  for (ssize_t at = 0; at < length;) {
    const char* key = names.data() + at;
    at += static_cast<ssize_t>(std::strlen(key)) + 1;
    const ssize_t size = getxattr(path.c_str(), key, value.data(), value.size());
    if (size >= 0) attributes.push_back({key, {value.begin(), value.begin() + size}});
  }
  return attributes;
}

}  // namespace auditql
