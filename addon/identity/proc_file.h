#pragma once

#include <cstddef>
#include <string>

namespace auditql {

/// Reads small files of procfs, one after the other, into the same memory.
class ProcFile {
 public:
  /// Opens `name` below `directory` and reads at most `max_bytes` of it; false when the process has
  /// ended or the file is not ours to read. For files that procfs fills as far as it is asked.
  bool read(int directory, const char* name, size_t max_bytes) {
    return read_until(End::short_read, {directory, name, max_bytes});
  }
  /// The same of a file with a record for each of something: procfs gives whole records, so that
  /// less than was asked for is not yet its end (seq_read_iter(), fs/seq_file.c).
  bool read_records(int directory, const char* name, size_t max_bytes) {
    return read_until(End::nothing_left, {directory, name, max_bytes});
  }

  /// What was read last.
  const std::string& text() const { return text_; }

 private:
  enum class End { short_read, nothing_left };
  struct Wanted {
    int directory;
    const char* name;
    size_t max_bytes;
  };
  bool read_until(End end, const Wanted& wanted);

  std::string text_;
};

}  // namespace auditql
