#pragma once

#include <napi.h>

namespace auditql {

/// YaraRules as JavaScript sees them; null without libyara, and for rules that do not compile.
Napi::Value compile_yara_rules(const Napi::CallbackInfo& call);

}  // namespace auditql
