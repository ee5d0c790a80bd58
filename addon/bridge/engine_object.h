#pragma once

#include <napi.h>

namespace auditql {

/// `openEngine(options)` of src/native/engine.ts.
Napi::Value open_engine(const Napi::CallbackInfo& call);

/// `checkCapture(options)` of src/native/addon.ts.
Napi::Value check_capture(const Napi::CallbackInfo& call);

}  // namespace auditql
