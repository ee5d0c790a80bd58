#pragma once

#include <napi.h>

namespace auditql {

/// `startXxh64()` of src/native/addon.ts.
Napi::Value start_xxh64(const Napi::CallbackInfo& call);

}  // namespace auditql
