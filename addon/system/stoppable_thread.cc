#include "stoppable_thread.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

namespace auditql {

Status StoppableThread::start(const char* name, std::function<void()> run) {
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return Error::from_errno("capture_start_failed", "eventfd");
  stopping_ = false;
  thread_ = std::thread(std::move(run));
  ::pthread_setname_np(thread_.native_handle(), name);
  return Done{};
}

void StoppableThread::wake() {
  if (wake_) (void)::eventfd_write(wake_.get(), 1);
}

void StoppableThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  thread_.join();
}

bool StoppableThread::wait(int fd, int timeout_ms) {
  pollfd waiting[2] = {{wake_.get(), POLLIN, 0}, {fd, POLLIN, 0}};
  const int ready = ::poll(waiting, 2, timeout_ms);
  if ((waiting[0].revents & POLLIN) != 0) {
    eventfd_t ignored;
    (void)::eventfd_read(wake_.get(), &ignored);
  }
  return ready != 0;
}

}  // namespace auditql
