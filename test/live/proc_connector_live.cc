// Needs root and a kernel with CONFIG_PROC_EVENTS: make -C addon live
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <set>

#include "capture/all.h"
#include "capture/host_probe.h"
#include "capture/proc_connector_backend.h"
#include "check.h"
#include "eventually.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  for (const HostCheck& each : probe_host()) {
    std::printf("%-4s %-20s %s%s%s\n", each.ok ? "ok" : "NO", each.name.c_str(),
                each.detail.c_str(), each.remedy.empty() ? "" : " -> ", each.remedy.c_str());
  }
  if (const HostCheck check = probe_proc_connector(); !check.ok) {
    std::printf("skipped: %s\n", check.detail.c_str());
    return 0;
  }

  claim("fork, exec and exit of 500 processes arrive once each", [] {
    auto health = HealthRegion::in_memory();
    FrameQueue queue(1 << 22);
    auto backend = std::make_unique<ProcConnectorBackend>(ProcConnectorOptions{}, *health);
    EXPECT(backend->probe().available);
    if (const Status started = backend->start(queue); !started) {
      fail(__FILE__, __LINE__, started.error().message);
      return;
    }
    std::set<pid_t> children;
    for (int i = 0; i < 500; i++) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::execl("/bin/true", "true", nullptr);
        ::_exit(1);
      }
      children.insert(child);
      ::waitpid(child, nullptr, 0);
    }
    std::map<uint16_t, std::map<pid_t, int>> seen;
    const auto count_frame = [&](const Frame& frame) {
      EXPECT(frame.kind == FrameKind::proc_event);
      proc_event event{};
      std::memcpy(&event, frame.bytes.data(), std::min(frame.bytes.size(), sizeof event));
      EXPECT_EQ(proc_frame_type(event.what), frame.type);
      // fork: the child's pid; exec and exit: the process's, in the same place but one.
      const bool is_fork = frame.type == 1;
      const pid_t pid =
          is_fork ? event.event_data.fork.child_pid : event.event_data.exec.process_pid;
      if (children.contains(pid)) seen[frame.type][pid]++;
    };
    EXPECT(eventually([&] {
      queue.drain(SIZE_MAX, count_frame);
      return seen[proc_frame_type(0x80000000U)].size() == children.size();
    }));
    backend->stop();
    backend->stop();
    queue.drain(SIZE_MAX, count_frame);
    for (const uint16_t type :
         {proc_frame_type(1), proc_frame_type(2), proc_frame_type(0x80000000U)}) {
      EXPECT_EQ(seen[type].size(), children.size());
      for (const auto& [pid, times] : seen[type]) EXPECT_EQ(times, 1);
    }
    EXPECT_EQ(health->counter({"capture", "proc-connector", "dropped", "enobufs"}).get(),
              uint64_t{0});
  });

  claim("a fork has been told when fork returns, and can be read without waiting", [] {
    auto health = HealthRegion::in_memory();
    FrameQueue queue(1 << 22);
    ProcConnectorBackend backend({.gather_ms = 10'000}, *health);
    if (const Status started = backend.start(queue); !started) {
      fail(__FILE__, __LINE__, started.error().message);
      return;
    }
    for (int i = 0; i < 200; i++) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(0);
      bool told = false;
      const auto look = [&](const Frame& frame) {
        proc_event event{};
        std::memcpy(&event, frame.bytes.data(), std::min(frame.bytes.size(), sizeof event));
        told = told || (frame.type == 1 && event.event_data.fork.child_pid == child);
      };
      do {
        queue.drain(SIZE_MAX, look);
      } while (backend.read_now());
      queue.drain(SIZE_MAX, look);
      EXPECT(told);
      ::waitpid(child, nullptr, 0);
    }
    backend.stop();
  });
  return run_claims(argc, argv);
}
