#pragma once

#include "event_summary.h"

namespace auditql {

/// Sets actor, action, object, how and the ECS fields of a summary that holds its records' fields.
void normalize_summary(EventSummary& event);

}  // namespace auditql
