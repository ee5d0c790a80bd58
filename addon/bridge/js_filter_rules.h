#pragma once

#include <napi.h>

namespace auditql {

/// Rules of one table of ip_tables; null when they cannot be read.
Napi::Value packet_filter_rules_of(const Napi::CallbackInfo& call);

}  // namespace auditql
