#pragma once

#include <string>
#include <vector>

#include "../record.h"
#include "field_map.h"

namespace auditql {

/// Fields of a record for people to read: names instead of numbers, text instead of hex, unset ids
/// as `unset`, security labels in their parts. Names and values are those of go-libaudit's auparse.
struct RecordFields {
  FieldMap values;
  std::vector<std::string> keys;  ///< rule keys
};

/// Reads every field of a record. Fields without a value (`?`, `(null)`) are left out.
RecordFields read_record_fields(const Record& record);

/// `syscall` for 1300; `unknown[1999]` for a number without a name, and a name without a number as
/// it is, in small letters like the others.
std::string record_type_label(const Record& record);

}  // namespace auditql
