#pragma once

#include <napi.h>

namespace auditql {

// Audit rules as JavaScript sees them; see src/native/audit_rules.ts.
Napi::Value missing_destinations(const Napi::CallbackInfo& call);
Napi::Value compile_rules_of(const Napi::CallbackInfo& call);
Napi::Value list_rules(const Napi::CallbackInfo& call);
Napi::Value load_rules_of(const Napi::CallbackInfo& call);
Napi::Value audit_call_numbers(const Napi::CallbackInfo& call);
Napi::Value errno_number_of(const Napi::CallbackInfo& call);

}  // namespace auditql
