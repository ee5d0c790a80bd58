#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

/// Names of the files of one table:
///   lock, manifest, segment-0000000000000001, …, *.new (unfinished or spare), *.damaged-N, *.old-N
class TableDirectory {
 public:
  /// Files moved aside are evidence, but bounded: of each kind so many stay, the newest.
  static constexpr size_t kMostSetAside = 4;

  explicit TableDirectory(std::string path) : path_(std::move(path)) {}

  /// Creates the directory (mode 0700) and takes its lock, which ends with this object.
  /// Errors: store_locked, store_open_failed.
  Status create_and_lock();
  std::string manifest_path() const { return path_ + "/manifest"; }
  /// An evicted segment's file, to be used again.
  std::string spare_path() const { return path_ + "/spare.new"; }
  std::string segment_path(uint64_t ordinal) const;
  /// Ordinals of the segment files, ascending.
  std::vector<uint64_t> segments() const;
  void remove_unfinished() const;
  /// Renames `path` to `path.kind-N`, N unused so far.
  Status set_aside(const std::string& path, const std::string& kind) const;

 private:
  std::vector<std::string> names() const;

  std::string path_;
  UniqueFd lock_;
};

}  // namespace auditql
