#include "proc_connector_backend.h"

#include <arpa/inet.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <thread>

#include "../system/thread_priority.h"
#include "audit_socket.h"
#include "host_probe.h"

namespace auditql {
namespace {

constexpr int kConnectorBatch = 64;
constexpr size_t kConnectorMessageBytes = 256;
constexpr size_t kEventOffset = sizeof(nlmsghdr) + sizeof(cn_msg);

// The numbers of linux/cn_proc.h, whose enum moved into struct proc_event's scope and out again
// between kernels.
constexpr uint32_t kFork = 0x00000001, kExec = 0x00000002, kExit = 0x80000000;

CounterKey connector_counter_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "proc-connector", metric, reason};
}

/// Lets through fork, exec and exit; uid, gid, session, comm, ptrace and core dump events would
/// only fill the buffer.
Status attach_filter(int fd) {
  constexpr auto kWhatOffset = static_cast<uint32_t>(kEventOffset + offsetof(proc_event, what));
  // BPF_LD reads in network order, the kernel wrote in its own.
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWhatOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(kFork), 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(kExec), 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(kExit), 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
  };
  const sock_fprog filter{sizeof program / sizeof program[0], program};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
    return Error::from_errno("capture_start_failed", "filter the process connector");
  }
  return Done{};
}

Status subscribe(int fd, proc_cn_mcast_op operation) {
  alignas(nlmsghdr) char message[NLMSG_LENGTH(sizeof(cn_msg) + sizeof operation)] = {};
  nlmsghdr header{};
  header.nlmsg_len = sizeof message;
  header.nlmsg_type = NLMSG_DONE;
  header.nlmsg_pid = static_cast<uint32_t>(::getpid());
  std::memcpy(message, &header, sizeof header);
  cn_msg body{};
  body.id = {CN_IDX_PROC, CN_VAL_PROC};
  body.len = sizeof operation;
  std::memcpy(message + NLMSG_HDRLEN, &body, sizeof body);
  std::memcpy(message + NLMSG_HDRLEN + sizeof body, &operation, sizeof operation);
  if (::send(fd, message, sizeof message, 0) < 0) {
    return Error::from_errno("capture_start_failed", "subscribe to the process connector");
  }
  return Done{};
}

Result<UniqueFd> open_connector(int receive_buffer_bytes) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR));
  if (!fd) return Error::from_errno("capture_start_failed", "open the process connector");
  const auto* size = &receive_buffer_bytes;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, size, sizeof *size) != 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, size, sizeof *size);
  }
  if (Status filtered = attach_filter(fd.get()); !filtered) return filtered.error();
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error::from_errno("capture_start_failed", "join the process connector");
  }
  return fd;
}

}  // namespace

ProcConnectorBackend::Counters::Counters(HealthRegion& health)
    : seen(health.counter(connector_counter_key("seen"))),
      enobufs(health.counter(connector_counter_key("dropped", "enobufs"))),
      queue_full(health.counter(connector_counter_key("dropped", "queue_full"))),
      foreign(health.counter(connector_counter_key("foreign_messages"))),
      read_errors(health.counter(connector_counter_key("read_errors"))),
      rcvbuf(health.counter(connector_counter_key("rcvbuf_bytes"))) {}

ProcConnectorBackend::ProcConnectorBackend(ProcConnectorOptions options, HealthRegion& health)
    : options_(std::move(options)), counters_(health) {}

ProcConnectorBackend::~ProcConnectorBackend() { stop(); }

Availability ProcConnectorBackend::probe() {
  const HostCheck check = probe_proc_connector();
  return {check.ok, check.ok ? std::string() : check.detail, check.remedy};
}

Status ProcConnectorBackend::start(FrameQueue& queue) {
  Result<UniqueFd> socket = open_connector(options_.receive_buffer_bytes);
  if (!socket) return socket.error();
  if (Status heard = subscribe(socket.value().get(), PROC_CN_MCAST_LISTEN); !heard) return heard;
  socket_ = socket.take();
  counters_.rcvbuf.set(socket_fill(socket_.get()).limit_bytes);
  queue_ = &queue;
  Status started = thread_.start("aq-proc-events", [this] { run(); });
  if (!started) {
    (void)subscribe(socket_.get(), PROC_CN_MCAST_IGNORE);
    socket_.reset();
  }
  return started;
}

CaptureReport ProcConnectorBackend::report() const {
  return {{.processes = Sight::limited},
          {{"no_sockets",
            "the process connector reports forks, execs and exits only: no failed execs, no "
            "sockets, no file calls",
            "make the audit backend usable: run auditql doctor"}}};
}

void ProcConnectorBackend::stop() {
  if (!thread_.is_running()) return;
  // Kernels before 6.6 count listeners and do not notice that one has closed its socket.
  (void)subscribe(socket_.get(), PROC_CN_MCAST_IGNORE);
  thread_.stop();
  socket_.reset();
}

void ProcConnectorBackend::run() {
  raise_reader_priority();
  for (bool has_read = false;;) {
    const int got = read_locked();
    has_read = has_read || got > 0;
    if (got > 0 && options_.on_messages) options_.on_messages();
    if (got == kConnectorBatch) continue;
    if (thread_.is_stopping()) return;
    has_read ? thread_.wait(-1, options_.gather_ms) : thread_.wait(socket_.get(), -1);
    has_read = false;
  }
}

int ProcConnectorBackend::read_locked() {
  const std::lock_guard lock(reading_);
  return read_batch();
}

bool ProcConnectorBackend::read_now() {
  const std::unique_lock lock(reading_, std::try_to_lock);
  // The other thread may be waiting for the caller to make room.
  return !lock.owns_lock() || read_batch() == kConnectorBatch;
}

/// Messages read; kConnectorBatch where the socket may have more.
int ProcConnectorBackend::read_batch() {
  char bytes[kConnectorBatch][kConnectorMessageBytes];
  iovec parts[kConnectorBatch];
  sockaddr_nl senders[kConnectorBatch];
  mmsghdr messages[kConnectorBatch] = {};
  for (int i = 0; i < kConnectorBatch; i++) {
    parts[i] = {bytes[i], kConnectorMessageBytes};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
  }
  const int got = ::recvmmsg(socket_.get(), messages, kConnectorBatch, MSG_DONTWAIT, nullptr);
  if (got > 0) {
    for (int i = 0; i < got; i++) {
      if (senders[i].nl_pid == 0) {
        push(bytes[i], messages[i].msg_len);
      } else {
        counters_.foreign.add();
      }
    }
    queue_->notify();
    return got;
  }
  if (got == 0 || errno == EAGAIN) return 0;
  if (errno == EINTR) return kConnectorBatch;
  if (errno == ENOBUFS) {
    counters_.enobufs.add();  // the kernel does not say how many it dropped (netlink(7))
    return kConnectorBatch;
  }
  counters_.read_errors.add();
  return 0;
}

void ProcConnectorBackend::push(const char* message, size_t size) {
  if (size < kEventOffset + sizeof(uint32_t)) return;
  cn_msg body;
  std::memcpy(&body, message + sizeof(nlmsghdr), sizeof body);
  if (body.id.idx != CN_IDX_PROC || kEventOffset + body.len > size) return;
  uint32_t what;
  std::memcpy(&what, message + kEventOffset + offsetof(proc_event, what), sizeof what);
  counters_.seen.add();
  push_event(what, {message + kEventOffset, body.len});
}

void ProcConnectorBackend::push_event(uint32_t what, std::string_view event) {
  const uint16_t type = proc_frame_type(what);
  bool is_pushed = queue_->push(FrameKind::proc_event, type, event);
  const int wait_ms = is_dropping_ ? 0 : options_.full_queue_wait_ms;
  for (int waited_ms = 0; !is_pushed && waited_ms < wait_ms; waited_ms++) {
    queue_->notify();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    is_pushed = queue_->push(FrameKind::proc_event, type, event);
  }
  is_dropping_ = !is_pushed;
  if (!is_pushed) counters_.queue_full.add();
}

}  // namespace auditql
