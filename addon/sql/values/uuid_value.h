#pragma once

#include <optional>

#include "../../store/row.h"
#include "sqlite_api.h"

namespace auditql {

/// The uuid that a text value shows. Only the form in which uuids are shown can be equal to one: 36
/// characters, lower case.
std::optional<UuidBytes> uuid_of_value(sqlite3_value* value);

}  // namespace auditql
