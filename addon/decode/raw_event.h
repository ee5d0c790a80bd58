#pragma once

#include <cstdint>
#include <span>

#include "record.h"

namespace auditql {

/// The records of one event, in order of arrival, EOE left out.
struct RawEvent {
  EventId id;
  std::span<const Record> records;
  bool partial = false;  ///< records of the event are missing
};

/// Receives every event as its records, of whatever kind, on the decoding thread in order of
/// completion. Views are valid only during the call; the sink must not call the decoder.
class RawEventSink {
 public:
  virtual ~RawEventSink() = default;
  /// Return false to skip this event; it is then counted as ignored.
  virtual bool wants(const RawEvent&) const { return true; }
  virtual void on_event(const RawEvent& event) = 0;
};

/// Receives every record as it comes, end marks too, before it is joined with others. Same rules.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void on_record(const Record& record) = 0;
  /// A line or message that is no audit record.
  virtual void on_malformed(std::string_view text) = 0;
};

}  // namespace auditql
