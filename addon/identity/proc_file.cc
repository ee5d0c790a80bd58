#include "proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "../system/unique_fd.h"

namespace auditql {

bool ProcFile::read_until(End end, const Wanted& wanted) {
  text_.clear();
  const UniqueFd file(::openat(wanted.directory, wanted.name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return false;
  size_t length = 0;
  while (length < wanted.max_bytes) {
    // procfs makes the text on the first read; 4096 bytes take every stat and status in one.
    text_.resize(std::min(wanted.max_bytes, length + 4096));
    const size_t asked = text_.size() - length;
    const ssize_t got = ::read(file.get(), text_.data() + length, asked);
    if (got < 0) return false;
    length += static_cast<size_t>(got);
    if (got == 0 || (end == End::short_read && static_cast<size_t>(got) < asked)) break;
  }
  text_.resize(length);
  return true;
}

}  // namespace auditql
