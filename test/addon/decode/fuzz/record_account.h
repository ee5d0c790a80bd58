#pragma once

#include "decode/audit_decoder.h"

namespace auditql {

/// Keeps account of the records of a decoder: those that went in, and those that came out of it as
/// part of an event. Every other one must be counted as an end mark or as dropped.
class RecordAccount : public RawEventSink {
 public:
  explicit RecordAccount(const HealthRegion& health) : health_(health) {}

  void put_in(uint64_t records) { in_ += records; }
  void on_event(const RawEvent& event) override { out_ += event.records.size(); }

  /// Once the decoder has handed on everything.
  bool is_balanced() const {
    uint64_t seen = 0, used = 0, rest = 0;
    for (const HealthRow& row : health_.rows()) {
      if (row.metric == "seen") seen += row.value;
      if (row.metric == "used") used += row.value;
      if (row.metric == "ignored" || row.metric == "dropped") rest += row.value;
    }
    return seen == in_ && used == out_ && in_ == out_ + rest;
  }

 private:
  const HealthRegion& health_;
  uint64_t in_ = 0, out_ = 0;
};

}  // namespace auditql
