#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "../decode/raw_event.h"
#include "../decode/syscall_record.h"

namespace auditql {

/// What a call did to a file.
struct FileCall {
  std::string_view operation;  ///< open, write, create, rename, ...
  std::string_view call;       ///< name of the syscall
  std::string path;            ///< absolute where that is known, `.` and `..` taken out
  std::string dest_path;       ///< rename, link: the new name
  std::string cwd;
  std::string exe;
  SyscallRecord record;  ///< text fields as written, see decode_text()
  bool partial =
      false;  ///< the folder that a path starts from is not known, or records are missing
};

/// The folder or file behind a descriptor of a process; empty when it cannot be told any more.
using ResolveDescriptor = std::function<std::string(int32_t pid, int32_t descriptor)>;

/// Whether the event is a successful call that read_file_call() knows.
bool is_file_call(const RawEvent& event);
/// Nothing for other events, and for calls whose file is not told.
std::optional<FileCall> read_file_call(const RawEvent& event, const ResolveDescriptor& resolve);

}  // namespace auditql
