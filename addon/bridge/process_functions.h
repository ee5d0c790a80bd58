#pragma once

#include <napi.h>

namespace auditql {

// What concerns this process as a whole; see src/native/addon.ts.
void drop_privileges_to(const Napi::CallbackInfo& call);
Napi::Value confine_process_to(const Napi::CallbackInfo& call);
void limit_address_space_to(const Napi::CallbackInfo& call);
void guard_stop(const Napi::CallbackInfo& call);
void end_soon(const Napi::CallbackInfo& call);
void undo_audit_changes_now(const Napi::CallbackInfo& call);
Napi::Value write_ready_to(const Napi::CallbackInfo& call);

}  // namespace auditql
