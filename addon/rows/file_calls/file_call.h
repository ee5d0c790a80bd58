#pragma once

#include <fcntl.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../../decode/raw_event.h"
#include "../../decode/syscall_record.h"
#include "../../system/file_key.h"

namespace auditql {

/// A file as the records of a call name it.
struct NamedFile {
  std::string name;  ///< as the caller gave it; empty: by a descriptor alone
  /// Descriptor of the folder that a relative name starts from, AT_FDCWD for the working directory;
  /// without a name the descriptor of the file.
  int32_t start = AT_FDCWD;
  std::optional<FileKey> file;
  /// Of the folder that holds it. Several where names do not tell which of the call's it is; none
  /// where the kernel does not record it: for files that were there and stay there.
  std::vector<FileKey> folders;
  bool is_folder = false;
};

/// One file of a call; with its new name where the call gave it one.
struct FileAct {
  NamedFile file;
  std::optional<NamedFile> dest;
};

/// What a call did to files.
struct FileCall {
  std::string_view operation;  ///< open, write, create, rename, ...
  std::string_view call;       ///< name of the syscall
  std::vector<FileAct> acts;   ///< two where two files are exchanged
  std::string cwd;
  std::string exe;
  SyscallRecord record;  ///< text fields as written, see decode_text()
  bool made = false;     ///< it made the file, or the new name
  bool partial = false;  ///< records are missing
};

/// Whether read_file_call() knows calls of that name.
bool is_file_call_name(std::string_view name);
/// Whether the event is a successful call that read_file_call() knows.
bool is_file_call(const RawEvent& event);
/// Nothing for other events, and for calls whose file is not told.
std::optional<FileCall> read_file_call(const RawEvent& event);

}  // namespace auditql
