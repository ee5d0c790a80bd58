#include "cancel_listener.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace auditql {

namespace {

/// False at the end of the file or on an error that cannot pass.
bool read_whole(int fd, unsigned char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(fd, bytes, size);
    if (got > 0) {
      bytes += got;
      size -= static_cast<size_t>(got);
    } else if (got < 0 && errno == EAGAIN) {
      pollfd waiting{fd, POLLIN, 0};
      ::poll(&waiting, 1, -1);
    } else if (got == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

void listen_for_cancels(int fd, std::shared_ptr<QueryWatchdog> watchdog) {
  std::thread([fd, watchdog = std::move(watchdog)] {
    unsigned char bytes[4];
    while (read_whole(fd, bytes, sizeof bytes)) {
      watchdog->cancel(uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
                       uint32_t{bytes[3]} << 24);
    }
    // Exit handlers would wait for the thread that runs the query.
    ::_exit(0);
  }).detach();
}

}  // namespace auditql
