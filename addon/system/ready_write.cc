#include "ready_write.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace auditql {

namespace {

bool is_ready(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  // POLLERR, of a pipe without a reader: write(2) then tells the error and does not wait.
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace

Result<size_t> write_ready(int fd, std::string_view bytes) {
  size_t written = 0;
  while (written < bytes.size() && is_ready(fd)) {
    // A pipe that is ready has a free page (pipe_poll() in fs/pipe.c): more than that could wait.
    const size_t size = std::min<size_t>(bytes.size() - written, PIPE_BUF);
    const char* const from = bytes.data() + written;
    ssize_t n = ::send(fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) n = ::write(fd, from, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return Error::from_errno("log_write_failed", "write");
    written += static_cast<size_t>(n);
  }
  return written;
}

}  // namespace auditql
