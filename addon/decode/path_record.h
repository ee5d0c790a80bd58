#pragma once

#include <string_view>

#include "event.h"
#include "field_value.h"

namespace auditql {

/// Reads the body of a PATH record (audit_log_name() of kernel/auditsc.c). A hex name is decoded
/// into the arena.
PathItem parse_path(std::string_view body, ByteArena& arena);

}  // namespace auditql
