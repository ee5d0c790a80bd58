#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decode_counters.h"
#include "event_builder.h"
#include "reassembler.h"

namespace auditql {

struct AuditDecoderOptions {
  ReassemblerOptions reassembler = {};
  BackendKind backend = BackendKind::audit;
  size_t max_line_bytes = size_t{1} << 20;  ///< of a log; longer lines are dropped and counted
  /// Receives every event as records, before the typed one; null for none.
  RawEventSink* raw_sink = nullptr;
  /// Receives every record in order of arrival; null for none.
  RecordSink* record_sink = nullptr;
};

/// Audit records in, typed events out. Feed it either messages or a log, not both. Counts under
/// {"decode", "audit"}, see DecodeCounters. Not thread-safe; reads no clock.
class AuditDecoder : private RawEventSink {
 public:
  AuditDecoder(EventSink& sink, HealthRegion& health, const AuditDecoderOptions& options);
  AuditDecoder(const AuditDecoder&) = delete;
  AuditDecoder& operator=(const AuditDecoder&) = delete;

  /// A netlink message: its type and body. `now_ns` is the time of arrival on any clock that does
  /// not step back, and only limits how long an event may wait.
  void on_record(uint16_t type, std::string_view body, uint64_t now_ns);
  /// Hands on events whose time is up; call it at least every 500 ms while no record comes.
  void expire(uint64_t now_ns) { reassembler_.expire(now_ns); }

  /// Bytes of an audit log, cut anywhere. The records' own time is the clock.
  void feed_log(std::string_view chunk);

  /// Hands on everything that is left; a line without its end is taken as it is.
  void finish();

  const DecodeCounters& counters() const { return counters_; }

 private:
  void on_event(const RawEvent& event) override;
  void on_line(std::string_view line);
  void advance_log_clock(uint64_t record_time_ns);
  void carry(std::string_view rest);

  void take(const std::optional<Record>& record, std::string_view text, uint64_t now_ns);

  RawEventSink* raw_sink_;
  RecordSink* record_sink_;
  DecodeCounters counters_;
  RecordParser parser_;
  EventBuilder builder_;
  Reassembler reassembler_;
  size_t max_line_bytes_;
  std::string unfinished_line_;
  bool skipping_line_ = false;
  uint64_t log_clock_ns_ = 0;
  uint64_t last_record_time_ns_ = 0;
};

}  // namespace auditql
