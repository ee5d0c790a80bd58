// libFuzzer over audit logs, cut into chunks; aborts when a record is not accounted for. The first
// byte is the size of a chunk. Run by `node scripts/test.mjs fuzz`.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "record_account.h"

namespace {

using namespace auditql;

class Reader : public EventSink {
 public:
  void on_process(const ProcessEvent& event) override {
    for (const std::string_view each : event.argv) bytes_ += each.size();
  }
  void on_socket(const SocketEvent& event) override { bytes_ += event.remote.raw.size(); }

 private:
  size_t bytes_ = 0;
};

/// Lines that the decoder takes for records: all that are not empty.
uint64_t lines_of(std::string_view log) {
  uint64_t lines = 0;
  while (!log.empty()) {
    const size_t length = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, length);
    lines += line.empty() || line == "\r" ? 0 : 1;
    log.remove_prefix(std::min(length + 1, log.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t chunk = size_t{data[0]} + 1;
  const std::string_view log(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto health = HealthRegion::in_memory();
  static RecordAccount account(*health);
  Reader reader;
  AuditDecoderOptions options;
  options.raw_sink = &account;
  options.max_line_bytes = 4096;
  options.reassembler.max_events = 4;
  options.reassembler.max_event_bytes = 2048;
  options.reassembler.max_bytes = 4096;
  AuditDecoder decoder(reader, *health, options);
  for (size_t at = 0; at < log.size(); at += chunk) decoder.feed_log(log.substr(at, chunk));
  decoder.finish();
  account.put_in(lines_of(log));
  if (!account.is_balanced()) std::abort();
  return 0;
}
