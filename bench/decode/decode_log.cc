// decode_log LOG: how many audit records a second become typed events, on one thread. Prints a JSON
// object.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "decode/audit_decoder.h"

namespace {

using namespace auditql;

/// Touches what a store would read, so that no work can be left out.
class CountingSink : public EventSink {
 public:
  void on_process(const ProcessEvent& event) override {
    events++;
    for (const std::string_view each : event.argv) bytes += each.size();
    bytes += event.cwd.size() + event.title.size() + event.caller.exe.size();
  }
  void on_socket(const SocketEvent& event) override {
    events++;
    bytes += event.remote.address.size() + event.remote.unix_path.size();
  }
  uint64_t events = 0, bytes = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: decode_log LOG\n"), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  constexpr size_t kChunk = size_t{64} << 10;

  CountingSink sink;
  const auto health = HealthRegion::in_memory();
  AuditDecoder decoder(sink, *health, {});
  const auto start = std::chrono::steady_clock::now();
  for (size_t at = 0; at < log.size(); at += kChunk) {
    decoder.feed_log(std::string_view(log).substr(at, kChunk));
  }
  decoder.finish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;

  const auto records = static_cast<double>(decoder.counters().seen.get());
  std::printf("{\"records\":%.0f,\"events\":%llu,\"seconds\":%.6f}\n", records,
              static_cast<unsigned long long>(sink.events), took.count());
  return sink.bytes == 0;
}
