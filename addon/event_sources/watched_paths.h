#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "file_pattern.h"

namespace auditql {

/// A category of file_paths, as configured.
struct PathCategory {
  std::string name;
  std::vector<std::string> paths;
  bool with_accesses = false;  ///< reads and opens too (file_accesses)
};

/// Which files are watched. Immutable: a change of the configuration makes another one. The links
/// in it are resolved when it is made.
class WatchedPaths {
 public:
  /// `excludes` are patterns that win over every category.
  WatchedPaths(const std::vector<PathCategory>& categories,
               const std::vector<std::string>& excludes);

  /// What must be known of a folder.
  struct Interest {
    bool folders = false;   ///< folders that come and go in it
    bool content = false;   ///< changes of the files in it
    bool accesses = false;  ///< reads and opens of the files in it
  };
  Interest interest(std::string_view folder) const;

  struct Match {
    const std::string* category;
    bool with_accesses;
  };
  /// Categories that the path is in, each once, in configured order; none when it is excluded.
  std::vector<Match> categories_of(std::string_view path) const;

  /// A folder or file that holds everything that a pattern can match.
  struct Root {
    std::string path;
    bool is_file;  ///< or a folder whose files are meant, without further ones
    bool with_accesses;
  };
  /// Fewest roots that hold everything, in order of their paths.
  std::vector<Root> roots() const;
  bool is_empty() const { return categories_.empty(); }

 private:
  struct Category {
    std::string name;
    std::vector<FilePattern> patterns;
    bool with_accesses;
  };
  bool is_excluded(std::string_view path) const;

  std::vector<Category> categories_;
  std::vector<FilePattern> excludes_;
};

}  // namespace auditql
