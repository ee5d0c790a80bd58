#include "watched_paths.h"

#include <algorithm>

namespace auditql {

namespace {

/// Each pattern as written and, where that is another, with its links resolved: a change of the
/// link itself is seen under the first, of what it leads to under the second.
std::vector<FilePattern> patterns_of(const std::vector<std::string>& paths) {
  std::vector<FilePattern> patterns;
  for (const std::string& path : paths) {
    const auto pattern = FilePattern::parse(path);
    if (!pattern) continue;
    for (const FilePattern& each : {*pattern, pattern->resolved()}) {
      if (std::find(patterns.begin(), patterns.end(), each) == patterns.end()) {
        patterns.push_back(each);
      }
    }
  }
  return patterns;
}

std::string_view parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? std::string_view("/") : path.substr(0, slash);
}

bool is_below(const std::string& path, const std::string& folder) {
  return folder == "/" || path == folder ||
         (path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

WatchedPaths::WatchedPaths(const std::vector<PathCategory>& categories,
                           const std::vector<std::string>& excludes)
    : excludes_(patterns_of(excludes)) {
  for (const PathCategory& each : categories) {
    categories_.push_back({each.name, patterns_of(each.paths), each.with_accesses});
  }
}

WatchedPaths::Interest WatchedPaths::interest(std::string_view folder) const {
  Interest interest;
  for (const FilePattern& each : excludes_) {
    if (each.covers_tree(folder)) return interest;
  }
  for (const Category& category : categories_) {
    for (const FilePattern& pattern : category.patterns) {
      const FilePattern::Reach reach = pattern.reach(folder);
      if (reach == FilePattern::Reach::nothing) continue;
      interest.folders = true;
      if (reach != FilePattern::Reach::matches) continue;
      interest.content = true;
      interest.accesses = interest.accesses || category.with_accesses;
    }
  }
  return interest;
}

bool WatchedPaths::is_excluded(std::string_view path) const {
  return std::any_of(excludes_.begin(), excludes_.end(), [&](const FilePattern& each) {
    return each.matches(path) || each.matches(parent_of(path));
  });
}

std::vector<WatchedPaths::Match> WatchedPaths::categories_of(std::string_view path) const {
  std::vector<Match> matches;
  for (const Category& category : categories_) {
    const bool is_in =
        std::any_of(category.patterns.begin(), category.patterns.end(),
                    [&](const FilePattern& pattern) { return pattern.matches(path); });
    if (is_in) matches.push_back({&category.name, category.with_accesses});
  }
  // Looked at last: most paths that are seen match nothing.
  if (!matches.empty() && is_excluded(path)) matches.clear();
  return matches;
}

std::vector<WatchedPaths::Root> WatchedPaths::roots() const {
  std::vector<Root> all;
  for (const Category& category : categories_) {
    for (const FilePattern& pattern : category.patterns) {
      all.push_back({pattern.base(), !pattern.has_wildcards(), category.with_accesses});
    }
  }
  std::sort(all.begin(), all.end(), [](const Root& a, const Root& b) { return a.path < b.path; });
  std::vector<Root> roots;
  for (const Root& each : all) {
    const auto holder = std::find_if(roots.begin(), roots.end(), [&](const Root& root) {
      return is_below(each.path, root.path);
    });
    if (holder == roots.end()) {
      roots.push_back(each);
    } else {
      holder->is_file = holder->is_file && each.is_file;
      holder->with_accesses = holder->with_accesses || each.with_accesses;
    }
  }
  return roots;
}

}  // namespace auditql
