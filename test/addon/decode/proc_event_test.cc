#include "decode/proc_event.h"

#include <cstring>
#include <string>
#include <vector>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// A struct proc_event as the kernel lays it out.
std::string message(uint32_t what, const std::vector<uint32_t>& numbers) {
  const uint32_t cpu = 1;
  const uint64_t time_ns = 123'456'789'000;
  std::string bytes(16 + numbers.size() * 4, '\0');
  std::memcpy(bytes.data(), &what, 4);
  std::memcpy(bytes.data() + 4, &cpu, 4);
  std::memcpy(bytes.data() + 8, &time_ns, 8);
  std::memcpy(bytes.data() + 16, numbers.data(), numbers.size() * 4);
  return bytes;
}

constexpr uint32_t kFork = 1, kExec = 2, kComm = 0x200, kExit = 0x80000000;

}  // namespace

int main(int argc, char** argv) {
  claim("a fork tells the task, its process and its parent", [] {
    const auto event = parse_proc_event(message(kFork, {10, 11, 12, 13}));
    EXPECT(event.has_value());
    EXPECT(event->action == TaskAction::fork);
    EXPECT_EQ(event->monotonic_ns, uint64_t{123'456'789'000});
    EXPECT_EQ(event->parent_pid, 10);
    EXPECT_EQ(event->parent_tgid, 11);
    EXPECT_EQ(event->pid, 12);
    EXPECT_EQ(event->tgid, 13);
  });

  claim("an exit tells the wait status, and the parent where the kernel is new enough", [] {
    const auto event = parse_proc_event(message(kExit, {12, 13, 0x0300, 17, 10, 11}));
    EXPECT(event->action == TaskAction::exit);
    EXPECT_EQ(event->tgid, 13);
    EXPECT_EQ(event->wait_status, uint32_t{0x0300});
    EXPECT_EQ(event->parent_tgid, 11);
    const auto old = parse_proc_event(message(kExit, {12, 13, 9, 17}));
    EXPECT_EQ(old->wait_status, uint32_t{9});
    EXPECT_EQ(old->parent_tgid, 0);
  });

  claim("an exec tells the process", [] {
    const auto event = parse_proc_event(message(kExec, {12, 13}));
    EXPECT(event->action == TaskAction::exec);
    EXPECT_EQ(event->pid, 12);
    EXPECT_EQ(event->tgid, 13);
  });

  claim("other kinds and messages that are cut short are left out", [] {
    EXPECT(!parse_proc_event(message(kComm, {1, 2, 3, 4})));
    for (const uint32_t what : {kFork, kExec, kExit}) {
      const std::string whole = message(what, {1, 2, 3, 4});
      const size_t least = what == kExec ? 24 : 32;
      for (size_t size = 0; size < least; size++) {
        EXPECT(!parse_proc_event(whole.substr(0, size)));
      }
      EXPECT(parse_proc_event(whole.substr(0, least)).has_value());
    }
  });

  claim("a wait status is an exit code or a signal, with or without a core", [] {
    for (int32_t code = 0; code < 256; code++) {
      const EndOfTask end = end_of(static_cast<uint32_t>(code) << 8);
      EXPECT(end.status == code && !end.signal);
    }
    for (int32_t signal = 1; signal <= 64; signal++) {
      for (const uint32_t core : {0u, 0x80u}) {
        const EndOfTask end = end_of(static_cast<uint32_t>(signal) | core);
        EXPECT(end.signal == signal && !end.status);
      }
    }
  });

  return run_claims(argc, argv);
}
