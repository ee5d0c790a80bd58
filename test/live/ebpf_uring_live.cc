// Needs root and a kernel with BTF: make -C addon live
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Ports that only the process knows which opened them.
struct Ports {
  uint16_t listening, client_local, datagram;
};

/// Just enough of io_uring(7) to do one operation after the other.
class Uring {
 public:
  Uring() : fd_(static_cast<int>(::syscall(SYS_io_uring_setup, 8, &parameters_))) {
    if (fd_ < 0) return;
    const auto map = [this](size_t size, off_t offset) {
      return static_cast<char*>(
          ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset));
    };
    submission_ = map(65536, IORING_OFF_SQ_RING);
    completion_ = map(65536, IORING_OFF_CQ_RING);
    entries_ = reinterpret_cast<io_uring_sqe*>(map(65536, IORING_OFF_SQES));
  }
  bool works() const { return fd_ >= 0; }

  int do_one(const io_uring_sqe& entry) {
    auto* const tail = reinterpret_cast<uint32_t*>(submission_ + parameters_.sq_off.tail);
    const uint32_t index = *tail & (parameters_.sq_entries - 1);
    entries_[index] = entry;
    reinterpret_cast<uint32_t*>(submission_ + parameters_.sq_off.array)[index] = index;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    ::syscall(SYS_io_uring_enter, fd_, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0);
    auto* const head = reinterpret_cast<uint32_t*>(completion_ + parameters_.cq_off.head);
    const auto* const all =
        reinterpret_cast<const io_uring_cqe*>(completion_ + parameters_.cq_off.cqes);
    const int result = all[*head & (parameters_.cq_entries - 1)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
  }

 private:
  io_uring_params parameters_{};
  int fd_;
  char *submission_ = nullptr, *completion_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};

io_uring_sqe operation(uint8_t code, int fd, const void* address, uint64_t offset,
                       uint32_t size = 0) {
  io_uring_sqe entry{};
  entry.opcode = code;
  entry.fd = fd;
  entry.addr = reinterpret_cast<uint64_t>(address);
  entry.off = offset;
  entry.len = size;
  return entry;
}

/// Connects to itself over TCP, accepts, sends a datagram, and connects to a unix socket.
int use_uring(Ports* ports, const std::string& path) {
  Uring uring;
  if (!uring.works()) return 1;
  const int listener = listening_socket(4);
  ports->listening = port_of(listener);
  const sockaddr_in to = loopback(ports->listening);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(uring.do_one(operation(IORING_OP_CONNECT, fd, &to, sizeof to)), 0);
  ports->client_local = port_of(fd);
  EXPECT(uring.do_one(operation(IORING_OP_ACCEPT, listener, nullptr, 0)) > 0);
  const int receiver = bound_socket(SOCK_DGRAM);
  ports->datagram = port_of(receiver);
  sockaddr_in datagram_to = loopback(ports->datagram);
  iovec part{const_cast<char*>("x"), 1};
  msghdr message{};
  message.msg_name = &datagram_to;
  message.msg_namelen = sizeof datagram_to;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const int sender = ::socket(AF_INET, SOCK_DGRAM, 0);
  EXPECT_EQ(uring.do_one(operation(IORING_OP_SENDMSG, sender, &message, 0, 1)), 1);
  const int unix_listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un name = unix_address(path);
  EXPECT(with_address(::bind, unix_listener, name) == 0 && ::listen(unix_listener, 1) == 0);
  const int unix_client = ::socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(uring.do_one(operation(IORING_OP_CONNECT, unix_client, &name, sizeof name)), 0);
  return 0;
}

void claim_uring() {
  claim("what io_uring connects, accepts and sends is told with both ends", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const ScratchFolder folder("socket");
    const std::string& path = folder.file();
    const Shared<Ports> ports;
    int status = 0;
    const pid_t pid = in_process([&] { return use_uring(ports.at, path); }, &status);
    capture.stop();
    if (status != 0) return std::printf("skipped: no io_uring here\n"), void();
    const std::string listening = on_loopback(ports.at->listening);
    const std::string client_end = on_loopback(ports.at->client_local);
    size_t connects = 0, accepts = 0, sends = 0, unix_connects = 0;
    for (const SeenSocket& each : capture.sockets_of(pid)) {
      if (!each.is_uring || each.action == SocketAction::close) continue;
      if (each.action == SocketAction::connect && each.unix_path.empty()) {
        connects++;
        EXPECT(each.remote == listening && each.local == client_end && each.outcome.success);
      }
      if (each.action == SocketAction::connect && each.unix_path == path) unix_connects++;
      if (each.action == SocketAction::accept) {
        accepts++;
        EXPECT(each.remote == client_end && each.local == listening);
      }
      if (each.action == SocketAction::send) {
        sends++;
        EXPECT_EQ(each.remote, on_loopback(ports.at->datagram));
      }
    }
    EXPECT_EQ(connects, size_t{1});
    EXPECT_EQ(accepts, size_t{1});
    EXPECT_EQ(sends, size_t{1});
    EXPECT_EQ(unix_connects, size_t{1});
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_ebpf_claims(argc, argv, [] { claim_uring(); });
}
