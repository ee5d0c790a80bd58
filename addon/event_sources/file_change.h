#pragma once

#include <cstdint>
#include <string>

namespace auditql {

/// What was done to a file; the names are osquery's.
enum class FileAction : uint8_t {
  created,
  updated,
  deleted,
  moved_from,
  moved_to,
  attributes_modified,
  accessed,
  opened,
};

/// One change of a watched file or folder.
struct FileChange {
  std::string path;
  FileAction action = FileAction::updated;
  uint32_t cookie = 0;   ///< joins both names of a rename; 0 for others
  uint64_t time_ns = 0;  ///< wall clock when the change was read; inotify has no time of its own
};

}  // namespace auditql
