// libFuzzer over audit logs, cut into chunks; aborts when a record is not accounted for.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Iaddon
//     test/addon/decode/fuzz/stream_fuzz.cc addon/{system,health,decode}/*.cc
//     addon/decode/generated/*.cc -o build/stream_fuzz
//   build/stream_fuzz -max_total_time=60 build/corpus test/addon/decode/fuzz/corpus
#include <cstdlib>
#include <memory>

#include "decode/audit_decoder.h"

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

bool every_record_is_accounted_for(const HealthRegion& health) {
  uint64_t seen = 0, rest = 0;
  for (const HealthRow& row : health.rows()) {
    if (row.metric == "seen") seen += row.value;
    if (row.metric == "used" || row.metric == "ignored" || row.metric == "dropped")
      rest += row.value;
  }
  return seen == rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t chunk = size_t{data[0]} + 1;
  const std::string_view log(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto health = HealthRegion::in_memory();
  Reader reader;
  AuditDecoderOptions options;
  options.max_line_bytes = 4096;
  options.reassembler.max_events = 4;
  options.reassembler.max_event_bytes = 2048;
  options.reassembler.max_bytes = 4096;
  AuditDecoder decoder(reader, *health, options);
  for (size_t at = 0; at < log.size(); at += chunk) decoder.feed_log(log.substr(at, chunk));
  decoder.finish();
  if (!every_record_is_accounted_for(*health)) std::abort();
  return 0;
}
