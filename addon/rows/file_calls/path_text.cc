#include "path_text.h"

#include <algorithm>
#include <vector>

namespace auditql {

namespace {

std::string_view without_slashes_behind(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

std::string normalised_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string text;
  for (const std::string_view part : parts) text.append("/").append(part);
  return text.empty() ? "/" : text;
}

std::string_view folder_text(std::string_view path) {
  path = without_slashes_behind(path);
  return path.substr(0, path.rfind('/') + 1);
}

std::string_view last_name(std::string_view path) {
  path = without_slashes_behind(path);
  return path.substr(path.rfind('/') + 1);
}

std::string path_in(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

}  // namespace auditql
