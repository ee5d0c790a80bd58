#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "../decode/event.h"
#include "../system/file_identity.h"
#include "../system/unique_fd.h"

namespace auditql {

/// What tells one state of a file from another: whoever changes its content changes ctime, which
/// nobody can set (inode(7)).
struct FileState {
  uint32_t device_major = 0, device_minor = 0;
  uint64_t inode = 0, size = 0;
  int64_t mtime_ns = 0, ctime_ns = 0;
  bool operator==(const FileState&) const = default;
};

FileState file_state(const struct statx& file);

/// Whether each change of the file from now on changes its state: times of files move with the
/// kernel's clock, a tick at a time (current_time(), fs/inode.c), and two changes within one tick
/// may leave the same state. From Linux 6.13 on a change that follows a look always shows on ext4,
/// XFS, Btrfs and tmpfs (Documentation/filesystems/multigrain-ts.rst).
bool is_settled(const FileState& file);

/// Who ran which file.
struct Execution {
  int process = -1;    ///< open directory of the process in /proc; -1: it is gone
  int32_t parent = 0;  ///< pid
  std::string_view path;
  std::span<const PathItem> items;  ///< of the event; empty where the backend has none
  uint64_t time_ns = 0;
};

/// An executed file as it was found.
struct ExecutedFile {
  /// How it was reached: the process's link, below its directory, or a path.
  int directory = -1;
  std::string reached_by;
  bool by_process = false;  ///< the process lives: what it runs cannot be another file
  struct statx status {};
  FileState state() const { return file_state(status); }
};

/// Why an executed file is not found; what is known later in this list is told before the others.
enum class NotFound : uint8_t {
  gone,          ///< neither process nor file is there any more
  other_file,    ///< what is there is not what the event names
  shared_inode,  ///< by its path alone, where other subvolumes use that inode too
  changed,       ///< its content was written since the event
};

struct ExecutedFileSearch {
  std::optional<ExecutedFile> file;
  NotFound why_not = NotFound::gone;  ///< without `file`
};

/// The file that the process runs, when it can be shown to be the one that the event names: inode
/// and device of the superblock must equal those of one of its PATH records; without such, the
/// process must live and run `path`. A file that is reached by its path only must not have changed
/// since the event, nor be on a file system where inodes repeat; one that is reached by the process
/// may have been renamed or removed, but not written: the process may have executed it a second
/// time. Reads no remote file system (AT_STATX_DONT_SYNC, statx(2)).
ExecutedFileSearch find_executed_file(const Execution& execution, MountDevices& mounts);

/// Whether one of the PATH records is of that file, on a mount of that superblock.
bool is_named(const struct statx& file, const DeviceNumber& device,
              std::span<const PathItem> items);

/// Holds the file, while the process's directory is still open, without opening it for reading:
/// that could wait for a remote file system (O_PATH, open(2)). Nothing when another file has taken
/// its place.
UniqueFd hold(const ExecutedFile& file);

}  // namespace auditql
