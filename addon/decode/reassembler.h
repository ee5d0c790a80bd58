#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode_counters.h"
#include "raw_event.h"

namespace auditql {

struct ReassemblerOptions {
  size_t max_events = 8192;                   ///< events in flight
  size_t max_bytes = size_t{64} << 20;        ///< text of all events in flight
  size_t max_event_bytes = size_t{16} << 20;  ///< text of one event; an exec may carry 6 MB of hex
  uint64_t max_wait_ns = 2'000'000'000;       ///< from an event's first record to its delivery
};

/// Joins records into events by (node, timestamp, serial), in whatever order they come. An event is
/// handed on when its last record is there, when its time is up, or when a limit is reached.
/// Not thread-safe. Time is passed in; any clock that does not step back will do.
class Reassembler {
 public:
  Reassembler(RawEventSink& sink, DecodeCounters& counters, const ReassemblerOptions& options);
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  /// The kernel ends every event of several records with EOE. auditd leaves EOE out of its log,
  /// where PROCTITLE is then the last record: false for a log. True at first.
  void expect_eoe(bool expected) { expect_eoe_ = expected; }

  void add(const Record& record, uint64_t now_ns);
  /// Hands on every event that has waited max_wait_ns.
  void expire(uint64_t now_ns);
  /// Hands on everything.
  void finish();

  size_t in_flight() const { return in_flight_; }
  size_t in_flight_bytes() const { return bytes_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  enum class Ending : uint8_t { complete, timeout, evicted };

  struct StoredRecord {
    uint16_t type;
    uint16_t type_name_size;   ///< right before the record's text
    uint32_t text, text_size;  ///< place in `text`
    uint32_t body, body_size;  ///< relative to the record's text
    uint32_t enriched_size;    ///< at the end of the record's text
  };
  struct Slot {
    uint64_t time_ns = 0;
    uint64_t first_seen_ns = 0;
    uint32_t serial = 0;
    uint32_t next_in_bucket = kNone;
    uint32_t older = kNone, newer = kNone;
    uint32_t paths = 0, items = 0;  ///< PATH records that came, and that are announced
    bool has_syscall = false, has_call = false, has_title = false, has_auxiliary = false,
         truncated = false;
    std::string node;
    std::string text;
    std::vector<StoredRecord> records;
  };
  struct Done {
    uint64_t time_ns = 0;
    uint32_t serial = 0;
    size_t node_hash = 0;
  };

  static size_t cost_of(size_t records, size_t text_bytes);
  static size_t text_size(const Record& record);
  uint32_t bucket_of(uint32_t serial) const {
    return serial & (static_cast<uint32_t>(buckets_.size()) - 1);
  }
  uint32_t find(const EventId& id) const;
  uint32_t open(const EventId& id, uint64_t now_ns);
  void close(uint32_t index);
  void store(Slot& slot, const Record& record);
  bool is_complete(const Slot& slot, uint16_t last_type) const;
  bool is_partial(const Slot& slot, Ending ending) const;
  void deliver(uint32_t index, Ending ending);
  void deliver_alone(const Record& record);
  void make_room(size_t bytes, uint32_t keep);
  bool was_delivered(const EventId& id) const;

  RawEventSink& sink_;
  DecodeCounters& counters_;
  ReassemblerOptions options_;
  std::vector<uint32_t> buckets_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  std::vector<Done> done_;
  std::vector<Record> delivered_;
  uint32_t oldest_ = kNone, newest_ = kNone, last_ = kNone;
  size_t in_flight_ = 0;
  size_t bytes_ = 0;
  size_t kept_bytes_ = 0;
  bool expect_eoe_ = true;
  bool stream_has_ends_ = false;  ///< a PROCTITLE or EOE was seen
};

}  // namespace auditql
