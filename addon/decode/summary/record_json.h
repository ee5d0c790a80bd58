#pragma once

#include <string>

#include "../record.h"

namespace auditql {

/// One record as a JSON object: @timestamp, record_type, sequence, raw_msg, keys, data, and node
/// and enriched where there are any. Shape and values are those of go-libaudit's auparse.
std::string record_json(const Record& record);

}  // namespace auditql
