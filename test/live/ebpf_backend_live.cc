// Needs root and a kernel with BTF: make -C addon live
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/ebpf/self_test.h"
#include "capture/host_probe.h"
#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"

using namespace auditql;
using namespace auditql::test;

namespace {

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
    const int held = bound_socket(SOCK_STREAM);
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

}  // namespace

int main(int argc, char** argv) {
  return run_ebpf_claims(argc, argv, [] {
    claim_losses();
    claim_32_bit_calls();
    claim_self_test();
  });
}
