// libFuzzer over single records: two bytes of type, then the text of a message. Aborts when a
// record is not accounted for. Run by `node scripts/test.mjs fuzz`.
#include <cstdlib>
#include <memory>

#include "decode/summary/event_json.h"
#include "decode/summary/record_json.h"
#include "record_account.h"

namespace {

using namespace auditql;

class Reader : public EventSink, public RecordAccount {
 public:
  using RecordAccount::RecordAccount;
  void on_process(const ProcessEvent& event) override {
    for (const std::string_view each : event.argv) bytes_ += each.size();
    for (const PathItem& each : event.paths) bytes_ += each.name.size();
    if (event.argc < event.argv.size()) std::abort();
  }
  void on_socket(const SocketEvent& event) override {
    bytes_ += event.local.unix_path.size() + event.remote.address.size();
  }
  void on_event(const RawEvent& event) override {
    RecordAccount::on_event(event);
    for (const Record& each : event.records) bytes_ += record_json(each).size();
    bytes_ += event_json(event).size();
  }

 private:
  size_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto type = static_cast<uint16_t>(1000 + (data[0] | data[1] << 8) % 2000);
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  static const auto health = HealthRegion::in_memory();
  static Reader reader(*health);
  AuditDecoderOptions options;
  options.raw_sink = &reader;
  options.reassembler.max_events = 4;
  AuditDecoder decoder(reader, *health, options);
  const std::string stamp = "audit(1.000:1): ";
  decoder.on_record(1300, stamp + "arch=c000003e syscall=59 success=yes exit=0 items=1 key=(null)",
                    0);
  decoder.on_record(type, body, 0);
  decoder.on_record(type, stamp + body, 0);
  decoder.on_record(1320, stamp, 0);
  decoder.finish();
  reader.put_in(4);
  if (!reader.is_balanced()) std::abort();
  return 0;
}
