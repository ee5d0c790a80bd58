// Needs root, and an audit subsystem that no other daemon owns: make -C addon live
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "live_capture.h"

using namespace auditql;
using namespace auditql::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// How long this thread has waited for a processor (/proc/PID/schedstat, second number).
class ProcessorWait {
 public:
  /// In ms; 0 where the kernel does not count it.
  double now_ms() const {
    char text[64] = {};
    unsigned long long ran_ns = 0, waited_ns = 0;
    if (::pread(file_.get(), text, sizeof text - 1, 0) <= 0) return 0;
    (void)std::sscanf(text, "%llu %llu", &ran_ns, &waited_ns);
    return static_cast<double>(waited_ns) / 1e6;
  }

 private:
  UniqueFd file_{::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
};

constexpr double kLongHoldMs = 100;

struct Calls {
  uint64_t made = 0;
  double longest_ms = 0;   ///< that one was held up
  uint64_t held_long = 0;  ///< held up for kLongHoldMs or more
};

/// UDP connects on loopback: one syscall, one event. How long they were held up: what other
/// programs on a busy host took of the time is not the audit subsystem's doing.
Calls connect_for(int duration_ms) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto end = steady_clock::now() + milliseconds(duration_ms);
  const ProcessorWait processor;
  constexpr uint64_t kCallsPerReading = 32;
  Calls calls;
  double waited_ms = 0;
  for (auto before = steady_clock::now(); before < end; before = steady_clock::now()) {
    if (calls.made % kCallsPerReading == 0) {
      waited_ms = processor.now_ms();
      before = steady_clock::now();
    }
    (void)::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
    const std::chrono::duration<double, std::milli> took = steady_clock::now() - before;
    calls.made++;
    if (took.count() <= std::min(calls.longest_ms, kLongHoldMs)) continue;
    const double held_ms = took.count() - (processor.now_ms() - waited_ms);
    calls.longest_ms = std::max(calls.longest_ms, held_ms);
    calls.held_long += held_ms >= kLongHoldMs ? 1 : 0;
  }
  ::close(fd);
  return calls;
}

void delivery() {
  claim("1000 quick forks arrive, each once, and the kernel loses nothing", [] {
    const uint32_t lost = kernel_lost();
    Capture capture;
    if (!capture.start()) return;
    std::set<pid_t> forked;
    // Calls of our own thread group are left out, so another process forks.
    int pids[2];
    EXPECT_EQ(::pipe(pids), 0);
    (void)in_child([&] {
      for (int i = 0; i < 1000; i++) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        EXPECT_EQ(::write(pids[1], &child, sizeof child), ssize_t{sizeof child});
        ::waitpid(child, nullptr, 0);
      }
      return 0;
    });
    ::close(pids[1]);
    pid_t child;
    while (::read(pids[0], &child, sizeof child) == sizeof child) forked.insert(child);
    ::close(pids[0]);
    capture.backend.stop();
    capture.counter.stop();
    EXPECT_EQ(forked.size(), size_t{1000});
    size_t exits = 0;
    for (const pid_t each : forked) exits += capture.counter.syscalls_of(each) == 1 ? 1 : 0;
    EXPECT_EQ(exits, forked.size());
    EXPECT_EQ(capture.counter.of_type(AUDIT_SYSCALL), capture.counter.of_type(AUDIT_EOE));
    EXPECT_EQ(kernel_lost(), lost);
    EXPECT_EQ(capture.metric("dropped", "kernel_lost"), uint64_t{0});
    EXPECT_EQ(capture.counter.syscalls_of(::getpid()), uint64_t{0});
  });

  claim("of a host at full rate each call arrives, or the kernel counts a loss and so do we", [] {
    const uint32_t lost = kernel_lost();
    Capture capture;
    if (!capture.start()) return;
    int numbers[2];
    EXPECT_EQ(::pipe(numbers), 0);
    (void)in_child([&] {
      const Calls calls = connect_for(2000);
      std::printf("full rate: %.0f calls/s, longest call %.1f ms\n",
                  static_cast<double>(calls.made) / 2, calls.longest_ms);
      const pid_t self = ::getpid();
      (void)!::write(numbers[1], &calls.made, sizeof calls.made);
      (void)!::write(numbers[1], &self, sizeof self);
      return 0;
    });
    uint64_t calls = 0;
    pid_t generator = 0;
    (void)!::read(numbers[0], &calls, sizeof calls);
    (void)!::read(numbers[0], &generator, sizeof generator);
    capture.backend.stop();
    capture.counter.stop();
    // Where other work keeps the reader from a processor there may be some.
    const uint64_t newly_lost = kernel_lost() - lost;
    std::printf("full rate: %llu records lost\n", static_cast<unsigned long long>(newly_lost));
    // ... and its exit_group.
    const uint64_t made = calls + 1, seen = capture.counter.syscalls_of(generator);
    EXPECT(seen <= made && seen + newly_lost >= made);
    EXPECT_EQ(capture.metric("dropped", "kernel_lost"), newly_lost);
    EXPECT_EQ(capture.metric("dropped", "queue_full"), uint64_t{0});
  });
}

/// A child that captures until its stdin-like pipe closes, then prints what it got of `generator`.
pid_t capturing_child(int ready, int finish) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  Capture capture;
  if (!capture.start()) ::_exit(1);
  (void)!::write(ready, "r", 1);
  pid_t generator = 0;
  (void)!::read(finish, &generator, sizeof generator);
  capture.backend.stop();
  capture.counter.stop();
  uint64_t missing = 0, last = 0;
  for (const auto& [serial, records] : capture.counter.serials()) {
    if (last != 0) missing += serial - last - 1;
    last = serial;
  }
  std::printf(
      "after the stop: %llu events of the generator, %llu records lost in the kernel, "
      "%llu serials missing\n",
      static_cast<unsigned long long>(capture.counter.syscalls_of(generator)),
      static_cast<unsigned long long>(capture.metric("dropped", "kernel_lost")),
      static_cast<unsigned long long>(missing));
  const bool is_counted = capture.metric("dropped", "serial_gap") == missing;
  std::fflush(nullptr);
  ::_exit(is_counted ? 0 : 2);
}

void stopped_reader() {
  claim("while our process is stopped no call waits 100 ms, and what is lost is counted", [] {
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    std::fflush(nullptr);
    const pid_t child = capturing_child(ready[1], finish[0]);
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), ssize_t{1});
    ::kill(child, SIGSTOP);
    const Calls calls = connect_for(8000);
    ::kill(child, SIGCONT);
    std::printf("stopped reader: %llu calls in 8 s, longest %.1f ms, %llu of 100 ms\n",
                static_cast<unsigned long long>(calls.made), calls.longest_ms,
                static_cast<unsigned long long>(calls.held_long));
    // A hypervisor may hold a virtual processor for so long, now and then; a backlog that waits too
    // long would hold every call, once it is full.
    EXPECT(calls.held_long <= 5);
    std::this_thread::sleep_for(milliseconds(500));
    const pid_t self = ::getpid();
    (void)!::write(finish[1], &self, sizeof self);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_capture_claims(argc, argv, [] {
    delivery();
    stopped_reader();
  });
}
