#include "ring_reader.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "../../system/thread_priority.h"

namespace auditql {
namespace {

Error ring_error(const char* tried) { return Error::from_errno("capture_start_failed", tried); }

}  // namespace

RingReader::RingReader(const Libbpf& libbpf, int ring_fd, int gather_ms, Steps steps)
    : libbpf_(libbpf), ring_fd_(ring_fd), gather_ms_(gather_ms), steps_(std::move(steps)) {}

RingReader::~RingReader() { stop(); }

Status RingReader::start() {
  ring_ = {libbpf_.ring_buffer_new(ring_fd_, on_sample, this, nullptr), libbpf_.ring_buffer_free};
  if (ring_ == nullptr) return ring_error("Cannot map the ring of the eBPF programs");
  poll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!poll_ || !wake_) return ring_error("Cannot wait for the ring of the eBPF programs");
  // Edges: while we let records come, what is in the ring already must not end the wait, yet the
  // programs can when much has come.
  epoll_event ring_event{EPOLLIN | EPOLLET, {.fd = ring_fd_}};
  epoll_event wake_event{EPOLLIN, {.fd = wake_.get()}};
  if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, ring_fd_, &ring_event) != 0 ||
      ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &wake_event) != 0) {
    return ring_error("Cannot wait for the ring of the eBPF programs");
  }
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  return Done{};
}

void RingReader::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  (void)::eventfd_write(wake_.get(), 1);
  thread_.join();
}

int RingReader::on_sample(void* self, void* bytes, size_t size) {
  static_cast<RingReader*>(self)->steps_.on_record({static_cast<const char*>(bytes), size});
  return 0;
}

/// Whether the programs or stop() ended the wait.
bool RingReader::wait(int timeout_ms) {
  epoll_event events[2];
  return ::epoll_wait(poll_.get(), events, 2, timeout_ms) > 0;
}

void RingReader::run() {
  ::pthread_setname_np(::pthread_self(), "aq-ebpf");
  raise_reader_priority();
  while (!stopping_) {
    (void)wait(-1);
    if (!stopping_) (void)wait(gather_ms_);
    // The programs wake for a record that finds the ring empty, so it must be emptied here.
    (void)libbpf_.ring_buffer_consume(ring_.get());
    steps_.on_empty();
  }
  (void)libbpf_.ring_buffer_consume(ring_.get());
}

}  // namespace auditql
