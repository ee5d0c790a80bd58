#pragma once

#include <napi.h>

namespace auditql {

// The local syslog as JavaScript sees it; see src/native/addon.ts.
Napi::Value open_syslog(const Napi::CallbackInfo& call);

}  // namespace auditql
