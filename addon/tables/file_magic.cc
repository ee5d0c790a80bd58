#include "file_magic.h"

#include <sys/stat.h>

namespace auditql {

namespace {

// libmagic(3); the numbers are part of its ABI.
constexpr int kNone = 0;
constexpr int kSymlink = 0x2;
constexpr int kMimeType = 0x10;
constexpr int kMimeEncoding = 0x400;

}  // namespace

std::unique_ptr<FileMagic> FileMagic::open(const std::string& databases) {
  std::unique_ptr<FileMagic> magic(new FileMagic);
  magic->library_ = SharedLibrary("libmagic.so.1");
  if (!magic->bind()) return nullptr;
  magic->cookie_ = magic->open_(kNone);
  if (magic->cookie_ == nullptr) return nullptr;
  magic->databases_ = databases;
  const char* files = databases.empty() ? nullptr : databases.c_str();
  if (magic->load_(magic->cookie_, files) != 0) return nullptr;
  return magic;
}

FileMagic::~FileMagic() {
  if (cookie_ != nullptr) close_(cookie_);
}

bool FileMagic::bind() {
  return library_.bind(open_, "magic_open") && library_.bind(close_, "magic_close") &&
         library_.bind(load_, "magic_load") && library_.bind(set_flags_, "magic_setflags") &&
         library_.bind(file_, "magic_file");
}

std::string FileMagic::ask(int flags, const std::string& path) {
  set_flags_(cookie_, flags);
  const char* answer = file_(cookie_, path.c_str());
  return answer == nullptr ? std::string() : std::string(answer);
}

std::optional<FileDescription> FileMagic::describe(const std::string& path) {
  // Of a path that is not there libmagic says "cannot open" as if that were a kind of file.
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) return std::nullopt;
  return FileDescription{ask(kNone, path), ask(kMimeType, path), ask(kMimeEncoding, path)};
}

FileDescription FileMagic::describe(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return {ask(kSymlink, path), ask(kSymlink | kMimeType, path),
          ask(kSymlink | kMimeEncoding, path)};
}

}  // namespace auditql
