#pragma once

#include <napi.h>

namespace auditql {

// Who is at the other end of a unix socket, as JavaScript sees it; see src/native/addon.ts.
Napi::Value peer_credentials_of(const Napi::CallbackInfo& call);

}  // namespace auditql
