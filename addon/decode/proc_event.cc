#include "proc_event.h"

#include <cstring>

namespace auditql {
namespace {

// The numbers and the layout of linux/cn_proc.h, written down here because its enum has moved into
// struct proc_event and out again between kernels, and because older headers lack the exit event's
// parent: what (u32), cpu (u32), timestamp_ns (u64), then the numbers of the event (u32 each).
constexpr uint32_t kFork = 0x00000001, kExec = 0x00000002, kExit = 0x80000000;
constexpr size_t kTimeOffset = 8, kNumbersOffset = 16;

class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}

  bool has(size_t count) const { return bytes_.size() >= kNumbersOffset + count * 4; }
  uint32_t at(size_t index) const { return word(kNumbersOffset + index * 4); }
  int32_t pid(size_t index) const { return static_cast<int32_t>(at(index)); }
  uint32_t what() const { return word(0); }
  uint64_t time_ns() const {
    uint64_t time = 0;
    std::memcpy(&time, bytes_.data() + kTimeOffset, sizeof time);
    return time;
  }

 private:
  uint32_t word(size_t offset) const {
    uint32_t number = 0;
    std::memcpy(&number, bytes_.data() + offset, sizeof number);
    return number;
  }
  std::string_view bytes_;
};

}  // namespace

std::optional<TaskEvent> parse_proc_event(std::string_view bytes) {
  const Numbers numbers(bytes);
  if (!numbers.has(2)) return std::nullopt;
  TaskEvent event;
  event.monotonic_ns = numbers.time_ns();
  switch (numbers.what()) {
    case kFork:
      if (!numbers.has(4)) return std::nullopt;
      event.action = TaskAction::fork;
      event.parent_pid = numbers.pid(0);
      event.parent_tgid = numbers.pid(1);
      event.pid = numbers.pid(2);
      event.tgid = numbers.pid(3);
      return event;
    case kExec:
      event.action = TaskAction::exec;
      event.pid = numbers.pid(0);
      event.tgid = numbers.pid(1);
      return event;
    case kExit:
      if (!numbers.has(4)) return std::nullopt;
      event.action = TaskAction::exit;
      event.pid = numbers.pid(0);
      event.tgid = numbers.pid(1);
      event.wait_status = numbers.at(2);
      if (numbers.has(6)) {
        event.parent_pid = numbers.pid(4);
        event.parent_tgid = numbers.pid(5);
      }
      return event;
    default:
      return std::nullopt;
  }
}

EndOfTask end_of(uint32_t wait_status) {
  // WTERMSIG and WEXITSTATUS of wait(2); 0x80 says that a core was dumped.
  const auto signal = static_cast<int32_t>(wait_status & 0x7f);
  if (signal != 0) return {std::nullopt, signal};
  return {static_cast<int32_t>(wait_status >> 8 & 0xff), std::nullopt};
}

}  // namespace auditql
