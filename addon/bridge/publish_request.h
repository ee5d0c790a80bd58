#pragma once

#include <napi.h>

#include "../pipeline/engine.h"

namespace auditql {

/// PublishOptions of src/native/capture.ts.
EnginePublishing publish_request_of(const Napi::Object& given);

}  // namespace auditql
