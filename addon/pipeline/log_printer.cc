#include "log_printer.h"

#include "../decode/summary/event_json.h"
#include "../decode/summary/record_json.h"

namespace auditql {

/// Collects lines. Typed events are not printed: the raw ones hold everything that they do.
class LogPrinter::Lines : public RecordSink, public RawEventSink, public EventSink {
 public:
  void on_record(const Record& record) override { add(record_json(record)); }
  void on_malformed(std::string_view) override {}
  void on_event(const RawEvent& event) override { add(event_json(event)); }
  void on_process(const ProcessEvent&) override {}
  void on_socket(const SocketEvent&) override {}

  void clear() { text_.clear(); }
  std::string_view text() const { return text_; }

 private:
  void add(const std::string& json) {
    text_ += json;
    text_ += '\n';
  }

  std::string text_;
};

LogPrinter::LogPrinter(LogItem item)
    : health_(HealthRegion::in_memory()), lines_(std::make_unique<Lines>()) {
  AuditDecoderOptions options;
  options.backend = BackendKind::replay;
  if (item == LogItem::records) options.record_sink = lines_.get();
  if (item == LogItem::events) options.raw_sink = lines_.get();
  decoder_ = std::make_unique<AuditDecoder>(*lines_, *health_, options);
}

LogPrinter::~LogPrinter() = default;

std::string_view LogPrinter::feed(std::string_view chunk) {
  lines_->clear();
  decoder_->feed_log(chunk);
  return lines_->text();
}

std::string_view LogPrinter::finish() {
  lines_->clear();
  decoder_->finish();
  return lines_->text();
}

}  // namespace auditql
