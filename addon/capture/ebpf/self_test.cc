#include "self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "../../system/clocks.h"
#include "../../system/unique_fd.h"

namespace auditql {
namespace {

/// A host on which a process does nothing else for so long cannot be judged.
constexpr uint64_t kPatienceNs = 5'000'000'000;
constexpr int kConnectPatienceMs = 500;
/// What the child ends with when its connect(2) was refused.
constexpr int kWasRefused = 17;

/// Programs that end at once; hosts without /bin/true have a shell.
struct TinyProgram {
  const char* path;
  std::array<const char*, 4> arguments;
};
constexpr TinyProgram kPrograms[] = {
    {"/bin/true", {"true", nullptr}},
    {"/usr/bin/true", {"true", nullptr}},
    {"/bin/sh", {"sh", "-c", ":", nullptr}},
};

const TinyProgram* tiny_program() {
  for (const TinyProgram& each : kPrograms) {
    if (::access(each.path, X_OK) == 0) return &each;
  }
  return nullptr;
}

Error test_error(const std::string& message) { return {"capture_start_failed", message, 0}; }

sockaddr_in on_loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port on which nothing listens as long as the socket is open; none where IPv4 is missing.
UniqueFd closed_port(uint16_t* port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = on_loopback(0);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), generic, size) != 0) return UniqueFd();
  if (::getsockname(fd.get(), generic, &size) != 0) return UniqueFd();
  *port = ntohs(address.sin_port);
  return fd;
}

/// In a child, where only async-signal-safe functions may be called (fork(2)).
bool is_connect_refused(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{0, kConnectPatienceMs * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const sockaddr_in address = on_loopback(port);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

/// The child: it starts a process of its own, because those of auditql are left out.
[[noreturn]] void act(const TinyProgram* program, uint16_t port) {
  // It shares the memory of the child until it starts the program, which is quick.
  const pid_t grandchild = ::vfork();
  if (grandchild == 0) {
    if (program != nullptr) {
      ::execv(program->path, const_cast<char* const*>(program->arguments.data()));
    }
    ::_exit(0);
  }
  const bool was_refused = port != 0 && is_connect_refused(port);
  int ignored = 0;
  (void)::waitpid(grandchild, &ignored, 0);
  ::_exit(was_refused ? kWasRefused : 0);
}

template <typename Record>
bool read_record(std::string_view bytes, Record* to) {
  if (bytes.size() < sizeof *to) return false;
  std::memcpy(to, bytes.data(), sizeof *to);
  return true;
}

}  // namespace

SelfTest::SelfTest(const LoadedPrograms& programs, RingReader::OnRecord on_other)
    : programs_(programs), on_other_(std::move(on_other)) {}

Status SelfTest::run() {
  const std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring(
      programs_.libbpf().ring_buffer_new(programs_.ring_fd(), on_sample, this, nullptr),
      programs_.libbpf().ring_buffer_free);
  if (ring == nullptr) {
    return Error::from_errno("capture_start_failed", "cannot map the ring of the eBPF programs");
  }
  const TinyProgram* const program = tiny_program();
  program_ = program == nullptr ? nullptr : program->path;
  const UniqueFd held = closed_port(&port_);
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno("capture_start_failed", "cannot fork");
  if (child == 0) act(program, port_);
  child_ = static_cast<uint32_t>(child);
  int wait_status = 0;
  if (Status waited = wait_for_child(ring.get(), &wait_status); !waited) return waited;
  // The child has ended, so all records are there.
  (void)programs_.libbpf().ring_buffer_consume(ring.get());
  return verdict(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == kWasRefused);
}

/// Reads the ring meanwhile: on a busy host it would be full soon.
Status SelfTest::wait_for_child(ring_buffer* ring, int* wait_status) {
  const auto child = static_cast<pid_t>(child_);
  const uint64_t end = monotonic_ns() + kPatienceNs;
  for (pid_t ended = 0; ended == 0;) {
    (void)programs_.libbpf().ring_buffer_consume(ring);
    ended = ::waitpid(child, wait_status, WNOHANG);
    if (ended == 0 && monotonic_ns() > end) {
      ::kill(child, SIGKILL);
      (void)::waitpid(child, wait_status, 0);
      return test_error("the self-test did not end within 5 s: the host is too busy");
    }
    if (ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return Done{};
}

int SelfTest::on_sample(void* self, void* bytes, size_t size) {
  static_cast<SelfTest*>(self)->on_record({static_cast<const char*>(bytes), size});
  return 0;
}

bool SelfTest::is_of_test(uint32_t pid) const {
  return pid != 0 && (pid == child_ || pid == grandchild_);
}

void SelfTest::on_record(std::string_view bytes) {
  struct {
    kernel_record head;
    kernel_task caller;
  } any;
  // Pieces of long arguments have no caller, and the program of the test has short ones.
  if (!read_record(bytes, &any) || any.head.kind == KERNEL_RECORD_ARGUMENTS ||
      !is_of_test(any.caller.tgid)) {
    return on_other_(bytes);
  }
  kernel_fork_record fork;
  kernel_socket_record socket;
  if (any.head.kind == KERNEL_RECORD_FORK && read_record(bytes, &fork)) {
    grandchild_ = fork.child_tgid;
    has_fork_ = true;
  }
  if (any.head.kind == KERNEL_RECORD_EXEC) on_exec(bytes);
  if (any.head.kind == KERNEL_RECORD_EXIT) has_exit_ |= any.caller.tgid == grandchild_;
  if (any.head.kind == KERNEL_RECORD_SOCKET && read_record(bytes, &socket)) {
    has_connect_ |= socket.action == KERNEL_SOCKET_CONNECT && socket.error == ECONNREFUSED &&
                    socket.remote.port == port_;
  }
}

void SelfTest::on_exec(std::string_view bytes) {
  kernel_exec_record exec;
  if (!read_record(bytes, &exec) || exec.error != 0) return;
  has_exec_ = true;
  has_texts_ = exec.caller.comm[0] != '\0' && exec.text_sizes[KERNEL_TEXT_FILENAME] > 1 &&
               exec.text_sizes[KERNEL_TEXT_EXE] > 1;
}

Status SelfTest::verdict(bool was_refused) const {
  const auto missing = [](const std::string& what) {
    return test_error("the programs are attached, but did not report " + what);
  };
  if (!has_fork_) return missing("a fork");
  if (program_ != nullptr && !has_exec_) return missing(std::string("the exec of ") + program_);
  if (program_ != nullptr && !has_texts_) {
    return test_error(std::string("the programs are attached, but cannot read the path of ") +
                      program_ + " in the kernel's memory");
  }
  if (!has_exit_) return missing("an exit");
  if (was_refused && !has_connect_) return missing("a refused connect");
  return Done{};
}

}  // namespace auditql
