#pragma once

#include <napi.h>

namespace auditql {

/// A TimedSocket as JavaScript sees it; null when nobody listens.
Napi::Value open_socket(const Napi::CallbackInfo& call);

}  // namespace auditql
