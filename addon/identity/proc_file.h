#pragma once

#include <cstddef>
#include <string>

namespace auditql {

/// Reads small files of procfs, one after the other, into the same memory.
class ProcFile {
 public:
  /// Opens `name` below `directory` and reads at most `max_bytes` of it; false when the process has
  /// ended or the file is not ours to read.
  bool read(int directory, const char* name, size_t max_bytes);

  /// What the last read() found.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace auditql
