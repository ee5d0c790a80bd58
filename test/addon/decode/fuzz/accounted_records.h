#pragma once

#include "decode/audit_decoder.h"

namespace auditql {

/// Sees every record that leaves the decoder, to compare with what went in.
class RecordAccount : public RawEventSink {
 public:
  explicit RecordAccount(const HealthRegion& health) : health_(health), before_(total("seen")) {}
