// libFuzzer over records of the eBPF programs: each is two bytes of size, then so many bytes.
// Aborts when a record is not accounted for. Run by `node scripts/test.mjs fuzz`.
#include <cstdlib>
#include <memory>

#include "decode/kernel_event.h"

namespace {

using namespace auditql;

class Reader : public EventSink {
 public:
  void on_process(const ProcessEvent& event) override {
    for (const std::string_view each : event.argv) bytes_ += each.size();
    bytes_ += event.caller.exe.size() + event.cwd.size() + event.cgroup.size();
    for (const PathItem& each : event.paths) bytes_ += each.name.size();
    if (event.argc < event.argv.size()) std::abort();
  }
  void on_socket(const SocketEvent& event) override {
    bytes_ += event.local.raw.size() + event.remote.raw.size() + event.local.unix_path.size();
  }

 private:
  size_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto health = HealthRegion::in_memory();
  Reader reader;
  KernelEventDecoder decoder(reader, *health, {.max_waiting = 3, .max_waiting_bytes = 4096});
  uint64_t records = 0;
  while (size >= 2) {
    const size_t wanted = static_cast<size_t>(data[0] | data[1] << 8);
    const size_t length = wanted < size - 2 ? wanted : size - 2;
    decoder.on_record({reinterpret_cast<const char*>(data) + 2, length}, 1);
    records++;
    data += 2 + length;
    size -= 2 + length;
  }
  const auto count = [&](std::string_view metric, std::string_view reason = {}) {
    return health->counter({"decode", "ebpf", metric, reason}).get();
  };
  const uint64_t accounted = count("events") + count("arguments") + count("dropped", "malformed") +
                             count("ignored", "unnamed") + count("ignored", "repeated_end");
  if (count("seen") != records || accounted != records) std::abort();
  return 0;
}
