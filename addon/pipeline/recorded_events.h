#pragma once

#include "../decode/raw_event.h"
#include "ingest.h"

namespace auditql {

/// Between decoding and the tables of records: lets everybody know whose recorded event comes.
class RecordedEvents : public RawEventSink {
 public:
  RecordedEvents(Ingest& ingest, RawEventSink& next) : ingest_(ingest), next_(next) {}

  bool wants(const RawEvent& event) const override {
    ingest_.begin_recorded(event);
    return next_.wants(event);
  }
  void on_event(const RawEvent& event) override { next_.on_event(event); }

 private:
  Ingest& ingest_;
  RawEventSink& next_;
};

}  // namespace auditql
