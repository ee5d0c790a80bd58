// Needs root and a kernel with BTF: make -C addon live
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "capture/ebpf/ebpf_backend.h"
#include "capture/host_probe.h"
#include "check.h"
#include "decode/kernel_event.h"
#include "eventually.h"
#include "system/clocks.h"
#include "system/proc_stat.h"

using namespace auditql;
using namespace auditql::test;

namespace {

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
  FrameQueue queue{size_t{64} << 20};
  EbpfBackend backend;
  KernelEventDecoder decoder{*this, *health};
  std::vector<SeenProcess> processes;
  std::vector<SeenSocket> sockets;

  explicit EbpfCapture(EbpfBackendOptions options = {}) : backend(std::move(options), *health) {}

  void on_process(const ProcessEvent& event) override {
    const Caller& caller = event.caller;
    processes.push_back({event.action, caller.pid, caller.parent, event.child_pid,
                         std::string(caller.exe), std::string(event.cwd),
                         std::string(caller.comm), std::string(caller.tty),
                         event.paths.empty() ? "" : std::string(event.paths[0].name),
                         {event.argv.begin(), event.argv.end()}, event.outcome.error(),
                         event.exit_status, event.exit_signal, event.start_time_ticks,
                         event.paths.empty() ? 0 : event.paths[0].inode, event.header.partial});
  }
  void on_socket(const SocketEvent& event) override {
    const bool is_unix = event.facts && event.remote.family != AF_INET &&
                         event.remote.family != AF_INET6 && event.facts->protocol == 0;
    const SocketAddress& named = event.remote.family == AF_UNIX ? event.remote : event.local;
    sockets.push_back({event.action, event.caller.pid, text_of(event.local),
                       text_of(event.remote), is_unix ? std::string(named.unix_path) : "",
                       std::string(event.caller.comm), event.outcome, event.fd,
                       event.facts.value_or(SocketFacts{}), event.is_uring,
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

/// Own events are left out, so what is looked for is done by a child.
pid_t in_process(const std::function<int()>& body, int* status = nullptr) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int ignored = 0;
  ::waitpid(child, status != nullptr ? status : &ignored, 0);
  return child;
}

/// Memory that a child of ours tells its findings in.
template <typename Value>
struct Shared {
  Value* const at = static_cast<Value*>(
      ::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ~Shared() { ::munmap(at, sizeof(Value)); }
};

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

template <typename Address>
int with_address(int (*call)(int, const sockaddr*, socklen_t), int fd, const Address& address) {
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string on_loopback(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

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
      EXPECT(exec->argv == std::vector<std::string>({"sh", "-c", "exit " + std::to_string(i % 256)}));
      EXPECT_EQ(exec->parent, parent);
      EXPECT_EQ(exec->exe, "/usr/bin/dash");
      EXPECT(!exec->partial);
      EXPECT_EQ(exit->status.value_or(-1), i % 256);
      EXPECT(exec->ticks == exit->ticks && exec->ticks != 0);
    }
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
    for (const auto& [count, size] : std::vector<std::pair<size_t, size_t>>{
             {3, 10}, {1, 8183}, {1, 8184}, {1, 8185}, {1, 12279}, {2, 60'000}, {14, 130'000}, {60'000, 10}}) {
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

}  // namespace

int main(int argc, char** argv) {
  {
    auto health = HealthRegion::in_memory();
    const Availability found = EbpfBackend({}, *health).probe();
    if (!found.available) {
      std::printf("skipped: %s\n", found.reason.c_str());
      return 0;
    }
  }
  claim_processes();
  return run_claims(argc, argv);
}
