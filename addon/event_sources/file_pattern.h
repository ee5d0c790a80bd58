#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditql {

/// A path as osquery's file_paths have it: `%` or `*` is any name on one level, `%%` or `**` at the
/// end everything below. A path without wildcards is that file, or all files of that folder.
class FilePattern {
 public:
  /// Nothing for paths that are not absolute.
  static std::optional<FilePattern> parse(std::string_view text);

  bool matches(std::string_view path) const;
  /// What the folder `path` may hold.
  enum class Reach {
    nothing,  ///< nothing that matches, at any depth
    folders,  ///< folders on the way to what matches
    matches,  ///< entries that match
  };
  Reach reach(std::string_view path) const;
  /// Whether everything below the folder matches, at any depth.
  bool covers_tree(std::string_view path) const;

  /// The path up to the first part with a wildcard.
  std::string base() const;
  bool has_wildcards() const { return base_parts_ < parts_.size(); }
  /// The same pattern with symbolic links of its base resolved, as far as the base exists.
  FilePattern resolved() const;
  bool operator==(const FilePattern&) const = default;

 private:
  void count_base_parts();

  std::vector<std::string> parts_;
  size_t base_parts_ = 0;  ///< parts in front of the first wildcard
  bool is_recursive_ = false;
};

}  // namespace auditql
