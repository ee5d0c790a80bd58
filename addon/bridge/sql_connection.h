#pragma once

#include <napi.h>

namespace auditql {

/// `takeConnection()` of src/native/addon.ts.
Napi::Value take_connection(const Napi::CallbackInfo& call);

}  // namespace auditql
