#pragma once

#include <string>

#include "../raw_event.h"

namespace auditql {

/// One event as a JSON object: summary (actor, action, object, how), user, process, file, network,
/// data, paths and ECS categories. Shape, values and `warnings` are those of go-libaudit's
/// aucoalesce; `records`, `partial` and `node` where they apply are ours.
std::string event_json(const RawEvent& event);

}  // namespace auditql
