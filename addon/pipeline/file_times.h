#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "../decode/event.h"

namespace auditql {

/// Times of an executed file, seconds since 1970.
struct FileTimes {
  uint64_t accessed = 0, modified = 0, changed = 0;
  std::optional<uint64_t> born;  ///< where the file system keeps it
};

/// Times of the file that process `pid` runs, when it can be shown to be the one that the event
/// names: device and inode must equal those of one of its PATH records. Reads no remote file system
/// (AT_STATX_DONT_SYNC, statx(2)).
std::optional<FileTimes> executed_file_times(int32_t pid, std::string_view path,
                                             std::span<const PathItem> items);

}  // namespace auditql
