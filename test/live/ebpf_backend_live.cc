// Needs root and a kernel with BTF: make -C addon live
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "capture/ebpf/ebpf_backend.h"
#include "check.h"
#include "eventually.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Programs in the kernel, and a copy of every record that they have sent.
struct EbpfCapture {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  FrameQueue queue{size_t{64} << 20};
  EbpfBackend backend;
  std::vector<std::string> records;

  explicit EbpfCapture(EbpfBackendOptions options = {}) : backend(std::move(options), *health) {}

  bool start() {
    const Status started = backend.start(queue);
    if (!started) fail(__FILE__, __LINE__, started.error().message);
    return started.ok();
  }
  void take() {
    queue.drain(SIZE_MAX, [this](const Frame& frame) { records.emplace_back(frame.bytes); });
  }
  void stop() {
    backend.stop();
    take();
  }
  template <typename Record>
  std::vector<Record> of_kind(uint16_t kind) const {
    std::vector<Record> found;
    for (const std::string& each : records) {
      kernel_record head;
      std::memcpy(&head, each.data(), sizeof head);
      if (head.kind != kind || each.size() < sizeof(Record)) continue;
      std::memcpy(&found.emplace_back(), each.data(), sizeof(Record));
    }
    return found;
  }
};

/// Own events are left out, so what is looked for is done by a child, which tells its number.
pid_t in_process(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return child;
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

  claim("fork, exec and exit of 300 processes arrive once each and in order", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    for (const MissingPrograms& each : {MissingPrograms{}}) (void)each;
    for (const CaptureProblem& each : capture.backend.report().problems) {
      std::printf("problem: %s: %s\n", each.name.c_str(), each.reason.c_str());
    }
    std::map<pid_t, int> expected;
    // The parent of the counted processes is another process than ours.
    int channel[2];
    EXPECT(::pipe(channel) == 0);
    in_process([&] {
      for (int i = 0; i < 300; i++) {
        const pid_t child = ::fork();
        if (child == 0) {
          ::execl("/bin/sh", "sh", "-c", ("exit " + std::to_string(i % 256)).c_str(), nullptr);
          ::_exit(99);
        }
        ::waitpid(child, nullptr, 0);
        if (::write(channel[1], &child, sizeof child) != sizeof child) return 1;
      }
      return 0;
    });
    for (int i = 0; i < 300; i++) {
      pid_t pid = 0;
      EXPECT(::read(channel[0], &pid, sizeof pid) == sizeof pid);
      expected[pid] = i % 256;
    }
    capture.stop();
    std::map<pid_t, std::string> order;
    for (const auto& record : capture.of_kind<kernel_fork_record>(KERNEL_RECORD_FORK)) {
      order[static_cast<pid_t>(record.child_tgid)] += 'f';
    }
    for (const std::string& each : capture.records) {
      kernel_exec_record record{};
      std::memcpy(&record, each.data(), std::min(each.size(), sizeof record));
      const auto pid = static_cast<pid_t>(record.caller.tgid);
      if (record.head.kind == KERNEL_RECORD_EXEC) order[pid] += record.error == 0 ? 'e' : '!';
      if (record.head.kind == KERNEL_RECORD_EXIT) order[pid] += 'x';
    }
    for (const auto& record : capture.of_kind<kernel_exit_record>(KERNEL_RECORD_EXIT)) {
      const auto found = expected.find(static_cast<pid_t>(record.caller.tgid));
      if (found != expected.end()) {
        EXPECT_EQ(record.wait_status, static_cast<uint32_t>(found->second) << 8);
      }
    }
    for (const auto& [pid, code] : expected) EXPECT_EQ(order[pid], "fex");
  });

  return run_claims(argc, argv);
}
