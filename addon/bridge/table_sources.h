#pragma once

#include <napi.h>

namespace auditql {

/// What tables read through native code; described in src/native/table_sources.ts.
Napi::Object table_sources(Napi::Env env);

}  // namespace auditql
