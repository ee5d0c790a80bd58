#include "ring_reader.h"

#include <sys/epoll.h>

#include "../../system/clocks.h"
#include "../../system/thread_priority.h"

namespace auditql {
namespace {

Error ring_error(const char* tried) { return Error::from_errno("capture_start_failed", tried); }

}  // namespace

RingReader::RingReader(const Libbpf& libbpf, int ring_fd, int gather_ms, int period_ms, Steps steps)
    : libbpf_(libbpf),
      ring_fd_(ring_fd),
      gather_ms_(gather_ms),
      period_ms_(period_ms),
      steps_(std::move(steps)) {}

Status RingReader::start() {
  ring_ = {libbpf_.ring_buffer_new(ring_fd_, on_sample, this, nullptr), libbpf_.ring_buffer_free};
  if (ring_ == nullptr) return ring_error("cannot map the ring of the eBPF programs");
  edges_.reset(::epoll_create1(EPOLL_CLOEXEC));
  // Edges: while we let records come, what is in the ring already must not end the wait, yet the
  // programs can when much has come.
  epoll_event event{EPOLLIN | EPOLLET, {.fd = ring_fd_}};
  if (!edges_ || ::epoll_ctl(edges_.get(), EPOLL_CTL_ADD, ring_fd_, &event) != 0) {
    return ring_error("cannot wait for the ring of the eBPF programs");
  }
  return thread_.start("aq-ebpf", [this] { run(); });
}

int RingReader::on_sample(void* self, void* bytes, size_t size) {
  static_cast<RingReader*>(self)->steps_.on_record({static_cast<const char*>(bytes), size});
  return 0;
}

/// Until the programs wake the thread, stop() is called or the time is up.
void RingReader::wait(int timeout_ms) {
  (void)thread_.wait(edges_.get(), timeout_ms);
  epoll_event event;
  (void)::epoll_wait(edges_.get(), &event, 1, 0);
}

/// Milliseconds until the period is over, which may be now.
int RingReader::run_period(uint64_t* next_ns) const {
  constexpr uint64_t kNsPerMs = 1'000'000;
  const uint64_t now = monotonic_ns();
  if (now >= *next_ns) {
    if (*next_ns != 0) steps_.on_period();
    *next_ns = now + static_cast<uint64_t>(period_ms_) * kNsPerMs;
  }
  return static_cast<int>((*next_ns - now) / kNsPerMs) + 1;
}

void RingReader::run() {
  raise_reader_priority();
  uint64_t next_period_ns = 0;
  while (!thread_.is_stopping()) {
    wait(run_period(&next_period_ns));
    if (!thread_.is_stopping()) wait(gather_ms_);
    // The programs wake for a record that finds the ring empty, so it must be emptied here.
    (void)libbpf_.ring_buffer_consume(ring_.get());
    steps_.on_empty();
  }
  (void)libbpf_.ring_buffer_consume(ring_.get());
}

}  // namespace auditql
