#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shared_library.h"

namespace auditql {

/// What libmagic(3) says of a file.
struct FileDescription {
  std::string data;
  std::string mime_type;
  std::string mime_encoding;
};

/// libmagic with one set of databases loaded. A cookie holds about 8 MB of mapped database, so it
/// is made once and kept. For one thread.
class FileMagic {
 public:
  /// Null when libmagic.so.1 is absent or cannot load the databases (joined by colons; empty for
  /// the system's).
  static std::unique_ptr<FileMagic> open(const std::string& databases);
  ~FileMagic();

  const std::string& databases() const { return databases_; }
  /// Nothing when there is no such file. Never blocks: libmagic opens regular files only.
  std::optional<FileDescription> describe(const std::string& path);
  /// Of an open file, whatever its name leads to by now.
  FileDescription describe(int fd);

 private:
  using Cookie = struct magic_set*;
  FileMagic() = default;
  bool bind();
  std::string ask(int flags, const std::string& path);

  SharedLibrary library_;
  Cookie cookie_ = nullptr;
  std::string databases_;
  Cookie (*open_)(int) = nullptr;
  void (*close_)(Cookie) = nullptr;
  int (*load_)(Cookie, const char*) = nullptr;
  int (*set_flags_)(Cookie, int) = nullptr;
  const char* (*file_)(Cookie, const char*) = nullptr;
};

}  // namespace auditql
