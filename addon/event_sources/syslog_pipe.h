#pragma once

#include <string>

#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

/// The named pipe that rsyslog writes to: readable by us, writable by the group `syslog`, and
/// locked so that no second reader takes half of the lines.
class SyslogPipe {
 public:
  /// Makes the pipe when there is none. Errors: syslog_pipe_failed.
  static Result<SyslogPipe> open(const std::string& path);

  int fd() const { return fd_.get(); }
  /// Whether the path still leads to this pipe.
  bool is_in_place() const;

 private:
  SyslogPipe(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_;
  std::string path_;
};

}  // namespace auditql
