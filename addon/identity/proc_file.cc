#include "proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "../system/unique_fd.h"

namespace auditql {

bool ProcFile::read(int directory, const char* name, size_t max_bytes) {
  text_.clear();
  const UniqueFd file(::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return false;
  size_t length = 0;
  while (length < max_bytes) {
    // procfs makes the text on the first read; 4096 bytes take every stat and status in one.
    text_.resize(std::min(max_bytes, length + 4096));
    const ssize_t got = ::read(file.get(), text_.data() + length, text_.size() - length);
    if (got < 0) return false;
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  text_.resize(length);
  return true;
}

}  // namespace auditql
