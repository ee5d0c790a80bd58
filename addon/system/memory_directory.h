#pragma once

#include <cstdint>
#include <string>

#include "result.h"
#include "unique_fd.h"

namespace auditql {

/// A directory in memory for a store that is to leave nothing on disk: a tmpfs that is mounted
/// nowhere. Nobody finds it by a path; the kernel frees it, files and all, when the last process
/// that has the descriptor ends, however it ends. It is not swapped out from Linux 6.4 on.
class MemoryDirectory {
 public:
  /// Files in it never take more than `max_bytes`; what is more is a full disk. Needs CAP_SYS_ADMIN
  /// and Linux 5.2. Errors: store_memory_unavailable.
  static Result<MemoryDirectory> create(uint64_t max_bytes);

  /// To be handed to child processes.
  int fd() const { return mount_.get(); }
  /// Path for this process.
  std::string path() const { return "/proc/self/fd/" + std::to_string(mount_.get()); }

 private:
  explicit MemoryDirectory(UniqueFd mount) : mount_(std::move(mount)) {}

  UniqueFd mount_;
};

}  // namespace auditql
