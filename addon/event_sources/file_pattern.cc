#include "file_pattern.h"

#include <fnmatch.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

namespace auditql {

namespace {

bool is_wild(std::string_view part) { return part.find_first_of("*?[") != std::string_view::npos; }

/// The part behind `at`, with `at` moved behind it; empty at the end of the path.
std::string_view next_part(std::string_view path, size_t& at) {
  while (at < path.size() && path[at] == '/') at++;
  const size_t start = at;
  at = std::min(path.find('/', at), path.size());
  return path.substr(start, at - start);
}

bool part_matches(const std::string& pattern, std::string_view part) {
  if (!is_wild(pattern)) return pattern == part;
  return ::fnmatch(pattern.c_str(), std::string(part).c_str(), 0) == 0;
}

struct Overlap {
  size_t depth = 0;        ///< parts of the path
  bool is_prefix = false;  ///< as many parts as both have match
};

Overlap overlap(const std::vector<std::string>& parts, std::string_view path) {
  Overlap found{0, true};
  for (size_t at = 0;;) {
    const std::string_view part = next_part(path, at);
    if (part.empty()) return found;
    if (found.depth < parts.size() && !part_matches(parts[found.depth], part)) {
      found.is_prefix = false;
    }
    found.depth++;
  }
}

}  // namespace

std::optional<FilePattern> FilePattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  std::string path(text);
  std::replace(path.begin(), path.end(), '%', '*');
  FilePattern pattern;
  const size_t recursion = path.find("**");
  if (recursion != std::string::npos) {
    pattern.is_recursive_ = true;
    path.resize(recursion + 1);  // `/srv/www**` is `/srv/www*`, and all below
  }
  for (size_t at = 0;;) {
    const std::string_view part = next_part(path, at);
    if (part.empty()) break;
    pattern.parts_.emplace_back(part);
  }
  pattern.count_base_parts();
  return pattern;
}

void FilePattern::count_base_parts() {
  const auto wild = std::find_if(parts_.begin(), parts_.end(), is_wild);
  base_parts_ = static_cast<size_t>(wild - parts_.begin());
}

bool FilePattern::matches(std::string_view path) const {
  const Overlap found = overlap(parts_, path);
  if (!found.is_prefix || found.depth < parts_.size()) return false;
  const size_t further = found.depth - parts_.size();
  return further == 0 || is_recursive_ || (further == 1 && !has_wildcards());
}

FilePattern::Reach FilePattern::reach(std::string_view path) const {
  const Overlap found = overlap(parts_, path);
  if (!found.is_prefix) return Reach::nothing;
  if (found.depth + 1 == parts_.size()) return Reach::matches;
  if (found.depth < parts_.size()) return Reach::folders;
  if (is_recursive_) return Reach::matches;
  return found.depth == parts_.size() && !has_wildcards() ? Reach::matches : Reach::nothing;
}

bool FilePattern::covers_tree(std::string_view path) const {
  const Overlap found = overlap(parts_, path);
  if (!is_recursive_ || !found.is_prefix) return false;
  return found.depth >= parts_.size() || (found.depth + 1 == parts_.size() && parts_.back() == "*");
}

std::string FilePattern::base() const {
  std::string path;
  for (size_t i = 0; i < base_parts_; i++) path += "/" + parts_[i];
  return path.empty() ? "/" : path;
}

FilePattern FilePattern::resolved() const {
  std::string existing;
  size_t kept = 0;
  for (; kept < base_parts_; kept++) {
    char real[PATH_MAX];
    if (::realpath((existing + "/" + parts_[kept]).c_str(), real) == nullptr) break;
    existing = real;
    if (existing == "/") existing.clear();
  }
  FilePattern resolved = *this;
  resolved.parts_.clear();
  for (size_t at = 0;;) {
    const std::string_view part = next_part(existing, at);
    if (part.empty()) break;
    resolved.parts_.emplace_back(part);
  }
  // A name in a real path may hold what stands for a wildcard in a pattern; such a link stays.
  if (std::any_of(resolved.parts_.begin(), resolved.parts_.end(), is_wild)) return *this;
  resolved.parts_.insert(resolved.parts_.end(), parts_.begin() + static_cast<ptrdiff_t>(kept),
                         parts_.end());
  resolved.count_base_parts();
  return resolved;
}

}  // namespace auditql
