#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "../../health/health_region.h"
#include "../../system/file_identity.h"

namespace auditql {

/// Where a file is: its folder, and its name in that.
struct FilePlace {
  FileKey folder;
  std::string name;
  bool operator==(const FilePlace&) const = default;
};

/// Paths of folders, and of files in them, by what records call them. A walk finds what is there;
/// records, in their order, tell what was made, moved and removed. Bounded: what finds no room is
/// not known, which is counted. Any thread.
class KnownFiles {
 public:
  struct Limits {
    size_t folders = 500'000, files = 200'000;
  };
  KnownFiles(Limits limits, HealthRegion& health);

  struct Path {
    std::string text;
    bool is_unique = true;  ///< no other file has that key
    bool is_late = false;   ///< first seen after the time that was asked for: it may have moved
  };
  /// One for each name that is known; a folder has one.
  std::vector<Path> paths_of(const FileKey& file, uint64_t time_ns) const;
  std::vector<FilePlace> places_of(const FileKey& file) const;

  /// A walk of everything: what it does not find, and no record told meanwhile, is not there.
  void begin_walk();
  void end_walk();
  void found_root(const FileIdentity& root);
  /// `time_ns`: before it was looked at.
  void found(const FileIdentity& file, const FilePlace& place, uint64_t time_ns);

  // What records tell. Where the folder of a place is not known, that place is not either.
  /// The file is new.
  void made(const FileKey& file, const FilePlace& place, bool is_folder);
  /// It has one more name.
  void linked(const FileKey& file, const FilePlace& place);
  /// It has not that name any more; without a name: whichever it had.
  void removed(const FileKey& file, const std::optional<FilePlace>& place);

 private:
  struct Node {
    std::vector<FilePlace> places;  ///< none: the root
    bool is_folder = false, is_unique = true;
    uint64_t seen_ns = 0;  ///< 0: told by a record
    uint32_t walk = 0;     ///< number of the last walk that found it
  };
  Path path_by(const FilePlace* place, const Node& node, uint64_t time_ns) const;
  bool is_known_folder(const FileKey& file) const;
  void insert(const FileKey& file, Node node);
  void erase(const FileKey& file);
  void note_told(const FileKey& file);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<FileKey, Node, FileKeyHash> nodes_;
  /// What records told of during a walk, which may have seen it before.
  std::unordered_set<FileKey, FileKeyHash> reported_;
  size_t folders_ = 0, files_ = 0;
  uint32_t walk_ = 0;
  bool is_walking_ = false;
  Counter known_, full_;
};

}  // namespace auditql
