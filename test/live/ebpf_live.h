#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/ebpf/ebpf_backend.h"
#include "check.h"
#include "decode/kernel_event.h"
#include "in_child.h"

namespace auditql::test {

struct SeenProcess {
  ProcessAction action;
  int32_t pid, parent, child;
  std::string exe, cwd, comm, name;
  std::vector<std::string> argv;
  int32_t error;
  std::optional<int32_t> status, signal;
  uint64_t ticks;
  bool partial;
};

struct SeenSocket {
  SocketAction action;
  int32_t pid;
  std::string local, remote, unix_path, comm;
  Outcome outcome;
  int64_t fd;
  SocketFacts facts;
  bool is_uring, partial;
};

inline std::string text_of(const SocketAddress& address) {
  if (address.family < 0) return "";
  return std::string(address.address) + ":" + std::to_string(address.port);
}

/// Programs in the kernel, and every event that they have told.
struct EbpfCapture : EventSink {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  FrameQueue queue;
  EbpfBackend backend;
  KernelEventDecoder decoder{*this, *health};
  std::vector<SeenProcess> processes;
  std::vector<SeenSocket> sockets;

  explicit EbpfCapture(EbpfBackendOptions options = {}, size_t queue_bytes = size_t{64} << 20)
      : queue(queue_bytes), backend(std::move(options), *health) {}

  void on_process(const ProcessEvent& event) override {
    const Caller& caller = event.caller;
    processes.push_back({event.action,
                         caller.pid,
                         caller.parent,
                         event.child_pid,
                         std::string(caller.exe),
                         std::string(event.cwd),
                         std::string(caller.comm),
                         event.paths.empty() ? "" : std::string(event.paths[0].name),
                         {event.argv.begin(), event.argv.end()},
                         event.outcome.error(),
                         event.exit_status,
                         event.exit_signal,
                         event.start_time_ticks,
                         event.header.partial});
  }
  void on_socket(const SocketEvent& event) override {
    const bool is_unix = event.facts && event.remote.family != AF_INET &&
                         event.remote.family != AF_INET6 && event.facts->protocol == 0;
    const SocketAddress& named = event.remote.family == AF_UNIX ? event.remote : event.local;
    sockets.push_back({event.action, event.caller.pid, text_of(event.local), text_of(event.remote),
                       is_unix ? std::string(named.unix_path) : "", std::string(event.caller.comm),
                       event.outcome, event.fd, event.facts.value_or(SocketFacts{}), event.is_uring,
                       event.header.partial});
  }
  bool start() {
    const Status started = backend.start(queue);
    if (!started) fail(__FILE__, __LINE__, started.error().message);
    return started.ok();
  }
  void stop() {
    backend.stop();
    queue.drain(SIZE_MAX, [this](const Frame& frame) { decoder.on_record(frame.bytes, 0); });
    EXPECT_EQ(health->counter({"decode", "ebpf", "dropped", "malformed"}).get(), uint64_t{0});
  }
  uint64_t lost() const {
    uint64_t lost = 0;
    for (const HealthRow& each : health->rows()) {
      if (each.name == "ebpf" && each.metric == "dropped") lost += each.value;
    }
    return lost;
  }
  /// What a process did with sockets.
  std::vector<SeenSocket> sockets_of(int32_t pid) const {
    std::vector<SeenSocket> found;
    for (const SeenSocket& each : sockets) {
      if (each.pid == pid) found.push_back(each);
    }
    return found;
  }
  const SeenProcess* find(int32_t pid, ProcessAction action) const {
    for (const SeenProcess& each : processes) {
      if (each.pid == pid && each.action == action) return &each;
    }
    return nullptr;
  }
};

inline const SeenSocket* first_of(const std::vector<SeenSocket>& all, SocketAction action) {
  for (const SeenSocket& each : all) {
    if (each.action == action) return &each;
  }
  return nullptr;
}

inline uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

inline std::string on_loopback(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

inline sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// A socket that is bound to a free port of loopback.
inline int bound_socket(int type) {
  const int fd = ::socket(AF_INET, type, 0);
  EXPECT(with_address(::bind, fd, loopback(0)) == 0);
  return fd;
}

/// A TCP socket that listens on a free port of loopback.
inline int listening_socket(int backlog, int flags = 0) {
  const int fd = bound_socket(SOCK_STREAM | flags);
  EXPECT(::listen(fd, backlog) == 0);
  return fd;
}

/// Where 32-bit calls are not seen, that is the only problem that a capture reports.
inline void expect_no_other_problem(const EbpfCapture& capture) {
  for (const CaptureProblem& each : capture.backend.report().problems) {
    EXPECT_EQ(each.name, "no_32_bit_calls");
  }
}

/// A folder that is removed with the one file in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(const char* file) : file_(std::string(::mkdtemp(path_)) + "/" + file) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    ::unlink(file_.c_str());
    ::rmdir(path_);
  }
  const char* path() const { return path_; }
  const std::string& file() const { return file_; }

 private:
  char path_[22] = "/tmp/ebpf-live-XXXXXX";
  std::string file_;
};

/// The claims that `make_claims` makes, on a host that can run the programs.
inline int run_ebpf_claims(int argc, char** argv, void (*make_claims)()) {
  auto health = HealthRegion::in_memory();
  const Availability found = EbpfBackend({}, *health).probe();
  if (!found.available) {
    std::printf("skipped: %s\n", found.reason.c_str());
    return 0;
  }
  make_claims();
  return run_claims(argc, argv);
}

}  // namespace auditql::test
