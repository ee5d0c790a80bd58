// Needs root and a kernel with BTF: make -C addon live
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "capture/ebpf/ebpf_backend.h"
#include "capture/ebpf/self_test.h"
#include "capture/host_probe.h"
#include "check.h"
#include "decode/kernel_event.h"
#include "eventually.h"
#include "in_child.h"
#include "system/clocks.h"
#include "system/proc_stat.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr const char* kWorker = "work as a worker of ours";

struct SeenProcess {
  ProcessAction action;
  int32_t pid, parent, child;
  std::string exe, cwd, comm, tty, name;
  std::vector<std::string> argv;
  int32_t error;
  std::optional<int32_t> status, signal;
  uint64_t ticks, inode;
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

std::string text_of(const SocketAddress& address) {
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
                         std::string(caller.tty),
                         event.paths.empty() ? "" : std::string(event.paths[0].name),
                         {event.argv.begin(), event.argv.end()},
                         event.outcome.error(),
                         event.exit_status,
                         event.exit_signal,
                         event.start_time_ticks,
                         event.paths.empty() ? 0 : event.paths[0].inode,
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

uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string on_loopback(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

/// Ends as many threads as closely together as they can be, the leader among them.
int end_together(int threads) {
  static std::atomic<int> ready;
  ready = 0;
  const auto end = [threads] {
    ready++;
    while (ready < threads) {
    }
    ::syscall(SYS_exit, 0);
  };
  for (int i = 1; i < threads; i++) std::thread(end).detach();
  end();
  return 1;
}

void claim_processes() {
  claim("fork, exec and exit of 300 processes arrive once each and in order", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    for (const CaptureProblem& each : capture.backend.report().problems) {
      EXPECT_EQ(each.name, "no_32_bit_calls");
    }
    struct Child {
      pid_t pid;
      uint64_t ticks;
    };
    const Shared<Child[300]> told;
    const pid_t parent = in_process([&] {
      for (int i = 0; i < 300; i++) {
        const pid_t child = ::fork();
        if (child == 0) {
          ::execl("/bin/sh", "sh", "-c", ("exit " + std::to_string(i % 256)).c_str(), nullptr);
          ::_exit(99);
        }
        ::waitpid(child, nullptr, 0);
        (*told.at)[i].pid = child;
      }
      return 0;
    });
    capture.stop();
    EXPECT_EQ(capture.lost(), uint64_t{0});
    std::map<pid_t, std::string> order;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::fork) order[each.child] += 'f';
      if (each.action == ProcessAction::exec) order[each.pid] += each.error == 0 ? 'e' : '!';
      if (each.action == ProcessAction::exit) order[each.pid] += 'x';
    }
    for (int i = 0; i < 300; i++) {
      const pid_t pid = (*told.at)[i].pid;
      EXPECT_EQ(order[pid], "fex");
      const SeenProcess* const exec = capture.find(pid, ProcessAction::exec);
      const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
      if (exec == nullptr || exit == nullptr) continue;
      EXPECT(exec->argv ==
             std::vector<std::string>({"sh", "-c", "exit " + std::to_string(i % 256)}));
      EXPECT_EQ(exec->parent, parent);
      EXPECT_EQ(exec->exe, "/usr/bin/dash");
      EXPECT(!exec->partial);
      EXPECT_EQ(exit->status.value_or(-1), i % 256);
      EXPECT(exec->ticks == exit->ticks && exec->ticks != 0);
    }
  });

  claim("a process ends once where all threads end at once, as kernels before 6.16 tell it", [] {
    EbpfCapture capture({.exit_by_live_count = true});
    if (!capture.start()) return;
    constexpr int kCount = 300, kThreads = 8;
    const Shared<std::array<pid_t, kCount>> told;
    (void)in_process([&] {
      for (pid_t& each : *told.at) {
        each = in_process([] { return end_together(kThreads); });
      }
      return 0;
    });
    capture.stop();
    EXPECT_EQ(capture.lost(), uint64_t{0});
    std::map<pid_t, int> ends;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::exit) ends[each.pid]++;
    }
    for (const pid_t each : *told.at) EXPECT_EQ(ends[each], 1);
  });

  claim("the start of a process is that of /proc/PID/stat", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<uint64_t> ticks;
    const pid_t pid = in_process([&] {
      const auto stat = parse_proc_stat(small_file("/proc/self/stat"));
      *ticks.at = stat ? stat->start_ticks : 0;
      return 0;
    });
    capture.stop();
    const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
    EXPECT(exit != nullptr && exit->ticks == *ticks.at && exit->ticks != 0);
  });

  claim("an end by a signal tells the signal", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    std::map<int, pid_t> killed;
    for (const int signal : {SIGKILL, SIGTERM, SIGSEGV, SIGABRT}) {
      killed[signal] = in_process([signal] {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        ::signal(signal, SIG_DFL);
        ::raise(signal);
        return 0;
      });
    }
    capture.stop();
    for (const auto& [signal, pid] : killed) {
      const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
      EXPECT(exit != nullptr && exit->signal == signal && !exit->status);
    }
  });

  claim("arguments come whole, up to the kernel's own limit", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    std::vector<std::pair<pid_t, std::vector<std::string>>> started;
    for (const auto& [count, size] : std::vector<std::pair<size_t, size_t>>{{3, 10},
                                                                            {1, 8183},
                                                                            {1, 8184},
                                                                            {1, 8185},
                                                                            {1, 12279},
                                                                            {2, 60'000},
                                                                            {14, 130'000},
                                                                            {60'000, 10}}) {
      std::vector<std::string> arguments{"/bin/true"};
      for (size_t i = 0; i < count; i++) {
        std::string text(size, static_cast<char>('a' + i % 26));
        text.replace(0, std::to_string(i).size(), std::to_string(i));
        arguments.push_back(text);
      }
      const pid_t pid = in_process([&] {
        std::vector<char*> pointers;
        for (std::string& each : arguments) pointers.push_back(each.data());
        pointers.push_back(nullptr);
        char* const no_environment[] = {nullptr};
        ::execve("/bin/true", pointers.data(), no_environment);
        return 1;
      });
      started.emplace_back(pid, std::move(arguments));
    }
    capture.stop();
    for (const auto& [pid, arguments] : started) {
      const SeenProcess* const exec = capture.find(pid, ProcessAction::exec);
      EXPECT(exec != nullptr && exec->error == 0);
      if (exec == nullptr) continue;
      EXPECT_EQ(exec->argv.size(), arguments.size());
      EXPECT(exec->argv == arguments);
      EXPECT(!exec->partial);
    }
  });

  claim("a failed exec tells its error, file and arguments", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const pid_t missing = in_process([] {
      ::execl("/nowhere/program", "program", "one", "two", nullptr);
      return 0;
    });
    const pid_t refused = in_process([] {
      ::execl("/etc/passwd", "passwd", nullptr);
      return 0;
    });
    capture.stop();
    const SeenProcess* exec = capture.find(missing, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec == nullptr) return;
    EXPECT_EQ(exec->error, ENOENT);
    EXPECT_EQ(exec->name, "/nowhere/program");
    EXPECT(exec->argv == std::vector<std::string>({"program", "one", "two"}));
    exec = capture.find(refused, ProcessAction::exec);
    EXPECT(exec != nullptr && exec->error == EACCES && exec->name == "/etc/passwd");
  });

  claim("a script and a memfd show the file that runs", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    char folder[] = "/tmp/ebpf-live-XXXXXX";
    const std::string script = std::string(::mkdtemp(folder)) + "/script";
    const int fd = ::open(script.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    EXPECT(::write(fd, "#!/bin/sh\nexit 3\n", 17) == 17);
    ::close(fd);
    const pid_t scripted = in_process([&] {
      EXPECT(::chdir(folder) == 0);
      ::execl("./script", "./script", "argument", nullptr);
      return 0;
    });
    const pid_t from_memory = in_process([] {
      const int file = ::memfd_create("hidden", 0);
      const int from = ::open("/bin/true", O_RDONLY);
      char bytes[65536];
      for (ssize_t size; (size = ::read(from, bytes, sizeof bytes)) > 0;) {
        if (::write(file, bytes, static_cast<size_t>(size)) != size) return 1;
      }
      char* const arguments[] = {const_cast<char*>("hidden"), nullptr};
      ::fexecve(file, arguments, arguments + 1);
      return 1;
    });
    capture.stop();
    ::unlink(script.c_str());
    ::rmdir(folder);
    const SeenProcess* exec = capture.find(scripted, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec == nullptr) return;
    EXPECT_EQ(exec->exe, "/usr/bin/dash");
    EXPECT_EQ(exec->cwd, folder);
    EXPECT(exec->argv == std::vector<std::string>({"/bin/sh", "./script", "argument"}));
    exec = capture.find(from_memory, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec != nullptr) EXPECT_EQ(exec->exe, "/memfd:hidden (deleted)");
  });
}

/// What a process did, told by itself: ports that only it knows.
struct Ports {
  uint16_t listening, client_local, refused, bound, datagram;
  pid_t client;
};

const SeenSocket* first_of(const std::vector<SeenSocket>& all, SocketAction action) {
  for (const SeenSocket& each : all) {
    if (each.action == action) return &each;
  }
  return nullptr;
}

/// A listener, and a client that connects, sends five bytes and closes.
int talk_over_tcp(Ports* ports) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT(with_address(::bind, listener, loopback(0)) == 0);
  EXPECT(::listen(listener, 7) == 0);
  ports->listening = port_of(listener);
  const pid_t client = ::fork();
  if (client == 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (with_address(::connect, fd, loopback(ports->listening)) != 0) ::_exit(1);
    ports->client_local = port_of(fd);
    if (::write(fd, "hello", 5) != 5) ::_exit(2);
    ::close(fd);
    ::_exit(0);
  }
  ports->client = client;
  const int accepted = ::accept(listener, nullptr, nullptr);
  char bytes[16];
  while (::read(accepted, bytes, sizeof bytes) > 0) continue;
  ::close(accepted);
  ::waitpid(client, nullptr, 0);
  ::close(listener);
  return accepted;
}

void claim_connections() {
  claim("a TCP connection is told on both sides with both ends, bytes and duration", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t server = in_process([&] { return talk_over_tcp(ports.at) < 0; });
    capture.stop();
    const std::string listening = on_loopback(ports.at->listening);
    const std::string client_end = on_loopback(ports.at->client_local);
    const auto of_server = capture.sockets_of(server);
    const SeenSocket* found = first_of(of_server, SocketAction::bind);
    EXPECT(found != nullptr && found->local == listening && found->outcome.success);
    found = first_of(of_server, SocketAction::listen);
    EXPECT(found != nullptr && found->local == listening && found->facts.backlog == 7);
    found = first_of(of_server, SocketAction::accept);
    EXPECT(found != nullptr && found->local == listening && found->remote == client_end);
    EXPECT(found != nullptr && found->outcome.value > found->fd && found->fd > 2);
    found = first_of(of_server, SocketAction::close);
    EXPECT(found != nullptr && found->local == listening && found->remote == client_end);
    EXPECT(found != nullptr && found->facts.bytes_received == 5 && found->facts.bytes_sent == 0);
    EXPECT(found != nullptr && found->facts.duration_ns > 0 && !found->partial);
    const auto of_client = capture.sockets_of(ports.at->client);
    found = first_of(of_client, SocketAction::connect);
    EXPECT(found != nullptr && found->local == client_end && found->remote == listening);
    EXPECT(found != nullptr && found->outcome.success && found->facts.protocol == IPPROTO_TCP);
    EXPECT(found != nullptr && found->facts.duration_ns > 0);
    const uint64_t cookie = found != nullptr ? found->facts.cookie : 0;
    found = first_of(of_client, SocketAction::close);
    EXPECT(found != nullptr && found->facts.bytes_sent == 5 && found->facts.bytes_received == 0);
    EXPECT(found != nullptr && found->facts.cookie == cookie && cookie != 0);
    EXPECT_EQ(of_client.size(), size_t{2});
    EXPECT_EQ(of_server.size(), size_t{4});
  });

  claim("a non-blocking connect is told once, with its real outcome", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const auto connect_later = [](uint16_t port) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      (void)with_address(::connect, fd, loopback(port));
      pollfd waiting{fd, POLLOUT, 0};
      ::poll(&waiting, 1, 5000);
      ::close(fd);
    };
    const pid_t worked = in_process([&] {
      const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 1) == 0);
      ports.at->listening = port_of(listener);
      connect_later(ports.at->listening);
      return 0;
    });
    const pid_t refused = in_process([&] {
      const int bound = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, bound, loopback(0)) == 0);
      ports.at->refused = port_of(bound);
      connect_later(ports.at->refused);
      return 0;
    });
    capture.stop();
    size_t connects = 0;
    for (const SeenSocket& each : capture.sockets_of(worked)) {
      if (each.action != SocketAction::connect) continue;
      connects++;
      EXPECT_EQ(each.remote, on_loopback(ports.at->listening));
      EXPECT(each.outcome.known && each.outcome.success);
    }
    EXPECT_EQ(connects, size_t{1});
    connects = 0;
    for (const SeenSocket& each : capture.sockets_of(refused)) {
      if (each.action != SocketAction::connect) continue;
      connects++;
      EXPECT_EQ(each.remote, on_loopback(ports.at->refused));
      EXPECT_EQ(each.outcome.error(), ECONNREFUSED);
    }
    EXPECT_EQ(connects, size_t{1});
  });

  claim("a blocking connect that is refused or gets no port is told once, with its errno", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t refused = in_process([&] {
      const int bound = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, bound, loopback(0)) == 0);
      ports.at->refused = port_of(bound);
      const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      return with_address(::connect, fd, loopback(ports.at->refused)) == 0 ? 1 : 0;
    });
    const pid_t without_port = in_process([&] {
      // Both ends the same twice: the second finds the pair in use.
      const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 4) == 0);
      const uint16_t port = port_of(listener);
      const int first = ::socket(AF_INET, SOCK_STREAM, 0);
      const int second = ::socket(AF_INET, SOCK_STREAM, 0);
      const int on = 1;
      for (const int each : {first, second}) {
        ::setsockopt(each, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        ::setsockopt(each, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
      }
      EXPECT(with_address(::bind, first, loopback(0)) == 0);
      EXPECT(with_address(::bind, second, loopback(port_of(first))) == 0);
      EXPECT(with_address(::connect, first, loopback(port)) == 0);
      EXPECT(with_address(::connect, second, loopback(port)) != 0 && errno == EADDRNOTAVAIL);
      return 0;
    });
    capture.stop();
    const auto errors_of = [&](pid_t pid) {
      std::string errors;
      for (const SeenSocket& each : capture.sockets_of(pid)) {
        if (each.action != SocketAction::connect) continue;
        errors += std::to_string(each.outcome.error()) + " ";
      }
      return errors;
    };
    EXPECT_EQ(errors_of(refused), std::to_string(ECONNREFUSED) + " ");
    EXPECT_EQ(errors_of(without_port), "0 " + std::to_string(EADDRNOTAVAIL) + " ");
  });

  claim("binds show the real port, also those that fail", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int first = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::bind, first, loopback(0)) == 0);
      ports.at->bound = port_of(first);
      const int second = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::bind, second, loopback(ports.at->bound)) != 0);
      return 0;
    });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    EXPECT_EQ(seen.size(), size_t{2});
    for (const SeenSocket& each : seen) EXPECT_EQ(each.local, on_loopback(ports.at->bound));
    EXPECT(seen.size() == 2 && seen[0].outcome.success);
    EXPECT(seen.size() == 2 && seen[1].outcome.error() == EADDRINUSE);
  });

  claim("an accept without a client shows its listener and errno", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 1) == 0);
      ports.at->listening = port_of(listener);
      return ::accept4(listener, nullptr, nullptr, 0) < 0 ? 0 : 1;
    });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    const SeenSocket* const accept = first_of(seen, SocketAction::accept);
    EXPECT(accept != nullptr && accept->outcome.error() == EAGAIN);
    EXPECT(accept != nullptr && accept->local == on_loopback(ports.at->listening));
  });

  claim("the first datagram of a flow is told once, and a connected socket by its connect", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int receiver = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::bind, receiver, loopback(0)) == 0);
      ports.at->datagram = port_of(receiver);
      const int sender = ::socket(AF_INET, SOCK_DGRAM, 0);
      const sockaddr_in to = loopback(ports.at->datagram);
      for (int i = 0; i < 100; i++) {
        ::sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      }
      const int connected = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::connect, connected, to) == 0);
      for (int i = 0; i < 100; i++) (void)!::write(connected, "x", 1);
      return 0;
    });
    capture.stop();
    size_t sends = 0, connects = 0;
    for (const SeenSocket& each : capture.sockets_of(pid)) {
      if (each.action == SocketAction::bind) continue;
      EXPECT_EQ(each.remote, on_loopback(ports.at->datagram));
      EXPECT_EQ(each.facts.protocol, uint16_t{IPPROTO_UDP});
      sends += each.action == SocketAction::send ? 1 : 0;
      connects += each.action == SocketAction::connect ? 1 : 0;
    }
    EXPECT_EQ(sends, size_t{1});
    EXPECT_EQ(connects, size_t{1});
  });

  claim("IPv6 addresses are told", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<uint16_t> port;
    const pid_t pid = in_process([&] {
      const int listener = ::socket(AF_INET6, SOCK_STREAM, 0);
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      if (with_address(::bind, listener, address) != 0) return 1;
      EXPECT(::listen(listener, 1) == 0);
      socklen_t size = sizeof address;
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
      *port.at = ntohs(address.sin6_port);
      const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
      return with_address(::connect, fd, address) == 0 ? 0 : 1;
    });
    capture.stop();
    if (*port.at == 0) return;  // no IPv6 here
    const auto seen = capture.sockets_of(pid);
    const SeenSocket* const connect = first_of(seen, SocketAction::connect);
    EXPECT(connect != nullptr && connect->remote == "::1:" + std::to_string(*port.at));
  });
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

void claim_open_connections() {
  claim("a connection that lasts is told of again and again, with its bytes so far", [] {
    EbpfCapture capture({.open_connection_ms = 100});
    if (!capture.start()) return;
    const Shared<uint16_t> port;
    const pid_t pid = in_process([&] {
      const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 4) == 0);
      *port.at = port_of(listener);
      const int client = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT_EQ(with_address(::connect, client, loopback(*port.at)), 0);
      const int accepted = ::accept(listener, nullptr, nullptr);
      EXPECT_EQ(::send(client, "hello", 5, 0), ssize_t{5});
      char bytes[8];
      EXPECT_EQ(::recv(accepted, bytes, sizeof bytes, 0), ssize_t{5});
      ::usleep(600'000);
      return 0;
    });
    capture.stop();
    size_t of_client = 0, of_server = 0;
    for (const SeenSocket& each : capture.sockets_of(pid)) {
      if (each.action != SocketAction::active) continue;
      const bool is_client = each.remote == on_loopback(*port.at);
      (is_client ? of_client : of_server)++;
      EXPECT_EQ(is_client ? each.facts.bytes_sent : each.facts.bytes_received, uint64_t{5});
      EXPECT(each.facts.duration_ns >= 100'000'000);
    }
    EXPECT(of_client >= 2 && of_server >= 2);
  });
}

void claim_unix_sockets() {
  claim("unix sockets tell their path and the peer's process", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    char folder[] = "/tmp/ebpf-live-XXXXXX";
    const std::string path = std::string(::mkdtemp(folder)) + "/socket";
    const Shared<pid_t> client;
    const pid_t server = in_process([&] {
      const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, listener, unix_address(path)) == 0);
      EXPECT(::listen(listener, 3) == 0);
      const pid_t child = ::fork();
      if (child == 0) {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ::_exit(with_address(::connect, fd, unix_address(path)) == 0 ? 0 : 1);
      }
      *client.at = child;
      const int accepted = ::accept(listener, nullptr, nullptr);
      ::waitpid(child, nullptr, 0);
      return accepted < 0 ? 1 : 0;
    });
    const pid_t failed = in_process([&] {
      const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
      return with_address(::connect, fd, unix_address(path + ".none")) == 0 ? 1 : 0;
    });
    capture.stop();
    ::unlink(path.c_str());
    ::rmdir(folder);
    const auto of_server = capture.sockets_of(server);
    for (const SocketAction action :
         {SocketAction::bind, SocketAction::listen, SocketAction::accept}) {
      const SeenSocket* const seen = first_of(of_server, action);
      EXPECT(seen != nullptr && seen->unix_path == path && seen->outcome.success);
    }
    const SeenSocket* seen = first_of(of_server, SocketAction::accept);
    EXPECT(seen != nullptr && seen->facts.peer_pid == *client.at && seen->facts.peer_uid == 0);
    const auto of_client = capture.sockets_of(*client.at);
    seen = first_of(of_client, SocketAction::connect);
    EXPECT(seen != nullptr && seen->unix_path == path && seen->facts.peer_pid == server);
    const auto of_failed = capture.sockets_of(failed);
    seen = first_of(of_failed, SocketAction::connect);
    EXPECT(seen != nullptr && seen->unix_path == path + ".none");
    EXPECT(seen != nullptr && seen->outcome.error() == ENOENT);
  });
}

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
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 4) == 0);
  ports->listening = port_of(listener);
  const sockaddr_in to = loopback(ports->listening);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(uring.do_one(operation(IORING_OP_CONNECT, fd, &to, sizeof to)), 0);
  ports->client_local = port_of(fd);
  EXPECT(uring.do_one(operation(IORING_OP_ACCEPT, listener, nullptr, 0)) > 0);
  const int receiver = ::socket(AF_INET, SOCK_DGRAM, 0);
  EXPECT(with_address(::bind, receiver, loopback(0)) == 0);
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
    char folder[] = "/tmp/ebpf-live-XXXXXX";
    const std::string path = std::string(::mkdtemp(folder)) + "/socket";
    const Shared<Ports> ports;
    int status = 0;
    const pid_t pid = in_process([&] { return use_uring(ports.at, path); }, &status);
    capture.stop();
    ::unlink(path.c_str());
    ::rmdir(folder);
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

void claim_losses() {
  claim("what happened is what was sent and what was lost, by kind", [] {
    // Nobody empties the queue, so that the reader stops, and the ring fills.
    EbpfCapture capture({.ring_bytes = 64 << 10}, 64 << 10);
    if (!capture.start()) return;
    constexpr int kCount = 20'000;
    const pid_t pid = in_process([] {
      const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
      for (int i = 0; i < kCount; i++) (void)with_address(::connect, fd, loopback(9));
      return 0;
    });
    capture.stop();
    uint64_t lost_sockets = 0, refused = 0;
    for (const HealthRow& each : capture.health->rows()) {
      if (each.metric == "dropped" && each.reason.starts_with("socket_cpu")) {
        lost_sockets += each.value;
      }
      if (each.metric == "dropped" && each.reason == "queue_full") refused = each.value;
    }
    const uint64_t told = capture.sockets_of(pid).size();
    std::printf("%d connects: %llu told, %llu lost, %llu refused\n", kCount,
                static_cast<unsigned long long>(told),
                static_cast<unsigned long long>(lost_sockets),
                static_cast<unsigned long long>(refused));
    EXPECT(lost_sockets > 0);
    // Other processes of the host make events too, few of them sockets.
    const uint64_t total = told + lost_sockets + refused;
    EXPECT(total >= kCount && total <= kCount + 500);
  });
}

/// A connection from that address, accepted and ended, and datagrams to it.
int use_address(uint32_t host) {
  sockaddr_in other = loopback(0);
  other.sin_addr.s_addr = htonl(host);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT(with_address(::bind, listener, loopback(0)) == 0 && ::listen(listener, 4) == 0);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(with_address(::bind, client, other), 0);
  EXPECT_EQ(with_address(::connect, client, loopback(port_of(listener))), 0);
  const int accepted = ::accept(listener, nullptr, nullptr);
  EXPECT(accepted >= 0);
  ::close(client);
  ::close(accepted);
  other.sin_port = htons(9);
  const int sender = ::socket(AF_INET, SOCK_DGRAM, 0);
  (void)::sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&other), sizeof other);
  EXPECT_EQ(with_address(::connect, sender, other), 0);
  return 0;
}

/// Before Linux 6.16, programs of cgroups cannot look exclusions up: the data plane excludes
/// datagrams there.
bool is_excluded_later(const SeenSocket& seen) {
  utsname kernel{};
  int major = 0, minor = 0;
  if (::uname(&kernel) != 0) return false;
  if (std::sscanf(kernel.release, "%d.%d", &major, &minor) != 2) return false;
  return seen.action == SocketAction::send && (major < 6 || (major == 6 && minor < 16));
}

void claim_exclusions() {
  const auto run = [](const char* command) {
    return in_process([command] {
      ::execl("/bin/sh", "sh", "-c", command, nullptr);
      return 1;
    });
  };
  claim("what a program, a user, a parent or a tree is excluded by is not told", [run] {
    KernelExclusion exe, parent, uid, tree, both;
    exe.exe = "/usr/bin/true";
    parent.parent = "/usr/bin/env";
    uid.uid = 12345;
    tree.tree = "/usr/bin/nice";
    both.exe = "/usr/bin/false";
    both.uid = 54321;
    EbpfCapture capture({.exclusions = {exe, parent, uid, tree, both}});
    if (!capture.start()) return;
    for (const CaptureProblem& each : capture.backend.report().problems) {
      EXPECT_EQ(each.name, "no_32_bit_calls");
    }
    (void)run("/bin/true; /bin/false; nice sh -c '/bin/echo in the tree >/dev/null'");
    (void)in_process([] {
      if (::setuid(12345) != 0) return 1;
      ::execl("/bin/uname", "uname", "-n", nullptr);
      return 1;
    });
    capture.stop();
    std::string seen;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::exec && each.error == 0) seen += each.exe + " ";
    }
    EXPECT(seen.find("/usr/bin/false ") != std::string::npos);
    EXPECT(seen.find("/usr/bin/dash ") != std::string::npos);
    EXPECT(seen.find("/usr/bin/true ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/nice ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/echo ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/uname ") == std::string::npos);
    EXPECT(capture.health->counter({"capture", "ebpf", "excluded"}).get() > 0);
  });

  claim("changed exclusions hold from then on, for processes that run too", [run] {
    Exclusion before, after;
    before.exe = "/usr/bin/true";
    after.exe = "/usr/bin/false";
    const std::vector<Exclusion> first{before};
    EbpfCapture capture({.exclusions = kernel_exclusions(first)});
    if (!capture.start()) return;
    (void)run("/bin/true; /bin/false; :");
    capture.backend.change_exclusions({after});
    (void)run("/bin/true; /bin/false; :");
    capture.backend.change_exclusions({});
    (void)run("/bin/false; :");
    capture.stop();
    std::string seen;
    for (const SeenProcess& each : capture.processes) {
      if (each.action != ProcessAction::exec || each.error != 0) continue;
      if (each.exe == "/usr/bin/true") seen += 't';
      if (each.exe == "/usr/bin/false") seen += 'f';
    }
    EXPECT_EQ(seen, "ftf");
  });

  claim("connections to an excluded address are not told", [] {
    KernelExclusion address;
    address.address = std::array<uint8_t, 16>{127, 0, 0, 2};
    EbpfCapture capture({.exclusions = {address}});
    if (!capture.start()) return;
    const pid_t pid = in_process([] {
      for (const uint32_t host : {INADDR_LOOPBACK, INADDR_LOOPBACK + 1}) {
        sockaddr_in to = loopback(9);
        to.sin_addr.s_addr = htonl(host);
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        (void)with_address(::connect, fd, to);
      }
      return 0;
    });
    const pid_t others = in_process([] { return use_address(INADDR_LOOPBACK + 1); });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    EXPECT_EQ(seen.size(), size_t{1});
    EXPECT(!seen.empty() && seen[0].remote == "127.0.0.1:9");
    for (const SeenSocket& each : capture.sockets_of(others)) {
      EXPECT(each.action == SocketAction::bind || each.action == SocketAction::listen ||
             is_excluded_later(each) || each.remote.starts_with("127.0.0.1:"));
    }
    for (const SeenSocket& each : capture.sockets) {
      EXPECT(is_excluded_later(each) || !each.remote.starts_with("127.0.0.2:"));
    }
  });

  claim("own events are left out, those of own workers too", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    (void)with_address(::connect, fd, loopback(9));
    ::close(fd);
    const pid_t worker = in_process([] {
      ::execl("/proc/self/exe", "worker", kWorker, nullptr);
      return 1;
    });
    const pid_t other = in_process([] {
      ::execl("/bin/true", "true", kWorker, nullptr);
      return 1;
    });
    capture.stop();
    EXPECT(capture.sockets_of(::getpid()).empty());
    EXPECT(capture.find(::getpid(), ProcessAction::fork) == nullptr);
    EXPECT(capture.sockets_of(worker).empty());
    EXPECT(capture.find(worker, ProcessAction::exec) == nullptr);
    EXPECT(capture.find(worker, ProcessAction::exit) == nullptr);
    EXPECT(capture.find(other, ProcessAction::exec) != nullptr);
    EXPECT(capture.find(other, ProcessAction::exit) != nullptr);
    // Two connects, two forks, an exec and an exit at least.
    EXPECT(capture.health->counter({"capture", "ebpf", "excluded", "own"}).get() >= 6);
  });
}

#if defined(__x86_64__)
/// A call of the 32-bit kind (int 0x80), which any process may make; its arguments are below 4 GiB.
long call_32_bit(long number, const void* first, const void* second, long third) {
  long result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(first), "c"(second), "d"(third)
               : "memory", "r8", "r9", "r10", "r11");
  return result;
}

/// The child of the next claim, with memory that such calls can read.
int act_in_32_bits(void* low, uint16_t port) {
  constexpr long kExecve = 11, kSocket = 359, kConnect = 362;  // of i386
  auto* const path = static_cast<char*>(low);
  std::strcpy(path, "/nowhere/program");
  if (call_32_bit(kExecve, path, nullptr, 0) != -ENOENT) return 1;
  const auto number = [](long value) { return reinterpret_cast<const void*>(value); };
  const long fd = call_32_bit(kSocket, number(AF_INET), number(SOCK_STREAM), 0);
  auto* const address = reinterpret_cast<sockaddr_in*>(path + 64);
  *address = loopback(port);
  if (call_32_bit(kConnect, number(fd), address, sizeof *address) != -ECONNREFUSED) return 2;
  return 42;
}

void claim_32_bit_calls() {
  claim("of 32-bit calls, TCP connects are seen and failed execs are not, which is reported", [] {
    if (::access("/proc/sys/abi/vsyscall32", F_OK) != 0) return;
    void* const low = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    const int held = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(with_address(::bind, held, loopback(0)) == 0);
    const uint16_t port = port_of(held);
    EbpfCapture capture;
    if (!capture.start()) return;
    int status = 0;
    const pid_t pid = in_process([&] { return act_in_32_bits(low, port); }, &status);
    const CaptureReport report = capture.backend.report();
    capture.stop();
    ::close(held);
    ::munmap(low, 4096);
    EXPECT_EQ(WEXITSTATUS(status), 42);
    EXPECT(capture.find(pid, ProcessAction::exec) == nullptr);
    EXPECT(capture.find(pid, ProcessAction::exit) != nullptr);
    const auto sockets = capture.sockets_of(pid);
    const SeenSocket* const refused = first_of(sockets, SocketAction::connect);
    EXPECT(refused != nullptr && refused->remote == on_loopback(port));
    EXPECT(refused != nullptr && refused->outcome.error() == ECONNREFUSED);
    EXPECT(!report.problems.empty() && report.problems.back().name == "no_32_bit_calls");
    EXPECT(report.sees.processes == Sight::limited && report.sees.sockets == Sight::limited);
  });
}
#else
void claim_32_bit_calls() {}
#endif

void claim_self_test() {
  claim("the self-test passes and leaves no event", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    capture.stop();
    const std::string own = small_file("/proc/self/comm");
    for (const SeenProcess& each : capture.processes) {
      EXPECT(each.parent != ::getpid() && each.comm != own);
    }
    for (const SeenSocket& each : capture.sockets) EXPECT(each.comm != own);
  });

  claim("what others do during the self-test is captured", [] {
    const Shared<std::atomic<bool>> is_started;
    EbpfCapture capture;
    const pid_t busy = ::fork();
    if (busy == 0) {
      while (!*is_started.at) in_process([] { return 42; });
      ::_exit(0);
    }
    if (!capture.start()) return;
    *is_started.at = true;
    ::waitpid(busy, nullptr, 0);
    capture.stop();
    size_t forks = 0, exits = 0;
    for (const SeenProcess& each : capture.processes) {
      forks += each.action == ProcessAction::fork && each.pid == busy ? 1 : 0;
      if (each.action != ProcessAction::exit || each.status != 42) continue;
      // The program for forks is attached before the one for exits.
      if (exits++ == 0 && forks > 1) forks = 1;
    }
    EXPECT(forks > 0);
    // The first of them may have been forked before the programs were attached.
    EXPECT(exits == forks || exits == forks + 1);
    EXPECT_EQ(capture.lost(), uint64_t{0});
  });

  claim("the self-test passes where exclusions are true of everything", [] {
    EbpfBackendOptions options;
    options.exclusions = {{.uid = ::getuid()}};
    EbpfCapture capture(std::move(options));
    EXPECT(capture.start());
    const pid_t excluded = in_process([] { return 0; });
    capture.stop();
    EXPECT(capture.find(excluded, ProcessAction::exit) == nullptr);
  });

  claim("programs that report nothing fail the self-test", [] {
    ProgramOptions options;
    auto programs = LoadedPrograms::load(options);
    EXPECT(programs.ok());
    if (!programs) return;
    const std::vector<KernelExclusion> everything{{.uid = ::getuid()}};
    programs.value()->exclude(everything);
    SelfTest test(*programs.value(), [](std::string_view) {});
    const Status passed = test.run();
    EXPECT(!passed.ok());
    if (!passed) {
      EXPECT_EQ(passed.error().message, "the programs are attached, but did not report a fork");
    }
  });
}

/// What a worker of ours does.
int do_work() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  return with_address(::connect, fd, loopback(9)) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == kWorker) return do_work();
  {
    auto health = HealthRegion::in_memory();
    const Availability found = EbpfBackend({}, *health).probe();
    if (!found.available) {
      std::printf("skipped: %s\n", found.reason.c_str());
      return 0;
    }
  }
  claim_processes();
  claim_connections();
  claim_open_connections();
  claim_unix_sockets();
  claim_uring();
  claim_losses();
  claim_exclusions();
  claim_32_bit_calls();
  claim_self_test();
  return run_claims(argc, argv);
}
