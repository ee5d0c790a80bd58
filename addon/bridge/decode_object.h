#pragma once

#include <napi.h>

namespace auditql {

/// openLogPrinter() of src/native/addon.ts.
Napi::Value open_log_printer(const Napi::CallbackInfo& call);

}  // namespace auditql
