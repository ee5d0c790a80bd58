#include "audit_decoder.h"

#include <cstring>

namespace auditql {
namespace {

/// A log may step back by milliseconds in serial order, and by seconds where hosts are mixed. A
/// larger step is another log, or the end of a wrong time: the clock then goes on from there.
constexpr uint64_t kClockRestart = 3'600'000'000'000;

}  // namespace

AuditDecoder::AuditDecoder(EventSink& sink, HealthRegion& health,
                           const AuditDecoderOptions& options)
    : raw_sink_(options.raw_sink),
      record_sink_(options.record_sink),
      counters_(health),
      builder_(sink, options.backend),
      reassembler_(*this, counters_, options.reassembler),
      max_line_bytes_(options.max_line_bytes) {}

void AuditDecoder::on_record(uint16_t type, std::string_view body, uint64_t now_ns) {
  counters_.seen.add();
  take(parser_.message(type, body), body, now_ns);
  reassembler_.expire(now_ns);
}

void AuditDecoder::take(const std::optional<Record>& record, std::string_view text,
                        uint64_t now_ns) {
  if (record_sink_ != nullptr) {
    if (record)
      record_sink_->on_record(*record);
    else
      record_sink_->on_malformed(text);
  }
  if (!record) return counters_.dropped_malformed.add();
  reassembler_.add(*record, now_ns);
}

void AuditDecoder::feed_log(std::string_view chunk) {
  reassembler_.expect_eoe(false);
  while (!chunk.empty()) {
    const void* end = std::memchr(chunk.data(), '\n', chunk.size());
    if (end == nullptr) return carry(chunk);
    const auto length = static_cast<size_t>(static_cast<const char*>(end) - chunk.data());
    if (unfinished_line_.empty() && !skipping_line_) {
      on_line(chunk.substr(0, length));
    } else {
      carry(chunk.substr(0, length));
      if (!skipping_line_) on_line(unfinished_line_);
      unfinished_line_.clear();
      skipping_line_ = false;
    }
    chunk.remove_prefix(length + 1);
  }
}

/// Keeps the start of a line whose end is still to come.
void AuditDecoder::carry(std::string_view rest) {
  if (skipping_line_) return;
  if (unfinished_line_.size() + rest.size() <= max_line_bytes_) {
    unfinished_line_.append(rest);
    return;
  }
  counters_.seen.add();
  counters_.dropped_too_big.add();
  std::string().swap(unfinished_line_);
  skipping_line_ = true;
}

void AuditDecoder::on_line(std::string_view line) {
  if (line.empty() || line == "\r") return;
  counters_.seen.add();
  if (line.size() > max_line_bytes_) return counters_.dropped_too_big.add();
  const auto record = parser_.log_line(line);
  if (record) advance_log_clock(record->id.time_ns);
  take(record, line, log_clock_ns_);
}

void AuditDecoder::advance_log_clock(uint64_t record_time_ns) {
  if (record_time_ns > last_record_time_ns_) {
    // The first record sets the clock; it starts at 0 so that a wrong first time costs nothing.
    if (last_record_time_ns_ != 0) log_clock_ns_ += record_time_ns - last_record_time_ns_;
    last_record_time_ns_ = record_time_ns;
    reassembler_.expire(log_clock_ns_);
  } else if (last_record_time_ns_ - record_time_ns > kClockRestart) {
    last_record_time_ns_ = record_time_ns;
  }
}

void AuditDecoder::finish() {
  if (!unfinished_line_.empty()) on_line(unfinished_line_);
  unfinished_line_.clear();
  skipping_line_ = false;
  reassembler_.finish();
}

void AuditDecoder::on_event(const RawEvent& event) {
  const bool wanted = raw_sink_ != nullptr && raw_sink_->wants(event);
  if (wanted) raw_sink_->on_event(event);
  const BuildResult result = builder_.build(event);
  if (result == BuildResult::built_partial) counters_.partial_lost.add();
  if (result != BuildResult::not_typed || wanted) {
    counters_.used.add(event.records.size());
    counters_.events.add();
  } else {
    counters_.ignore(event.records.front().type, event.records.size());
    counters_.events_ignored.add();
  }
}

}  // namespace auditql
