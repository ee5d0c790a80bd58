#include "../capture/audit_changes.h"
#include "../system/confinement.h"
#include "../system/privileges.h"
#include "../system/ready_write.h"
#include "../system/stop_guard.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

void require(Napi::Env env, const Status& done) {
  if (!done) throw_error(env, done.error());
}

}  // namespace

void drop_privileges_to(const Napi::CallbackInfo& call) {
  require(call.Env(), drop_privileges(strings_of(call[0])));
}

Napi::Value confine_process_to(const Napi::CallbackInfo& call) {
  const auto options = call[0].As<Napi::Object>();
  const auto kept =
      confine_process({strings_of(options.Get("capabilities")), optional_number(options, "account"),
                       options.Get("allowNetwork").ToBoolean()});
  if (!kept.ok()) throw_error(call.Env(), kept.error());
  Napi::Array reasons = Napi::Array::New(call.Env());
  for (const std::string& each : kept.value()) {
    reasons.Set(reasons.Length(), js_string(call.Env(), each));
  }
  return reasons;
}

void limit_address_space_to(const Napi::CallbackInfo& call) {
  const int64_t bytes = call[0].As<Napi::Number>().Int64Value();
  require(call.Env(), limit_address_space(static_cast<uint64_t>(bytes)));
}

void guard_stop(const Napi::CallbackInfo& call) {
  const Napi::Object given = call[0].As<Napi::Object>();
  StopGuard::Options options;
  options.limit_ms = static_cast<int>(number_property(given, "limitMs"));
  options.impatient_ms = static_cast<int>(number_property(given, "impatientMs"));
  options.exit_ms = static_cast<int>(number_property(given, "exitMs"));
  options.status = static_cast<int>(number_property(given, "status"));
  options.message = string_property(given, "message");
  options.last_act = [] { (void)AuditChanges::undo_from_any_thread(); };
  require(call.Env(), StopGuard::arm(std::move(options)));
}

void end_soon(const Napi::CallbackInfo& call) {
  StopGuard::end_soon(call[0].As<Napi::Number>().Int32Value());
}

void undo_audit_changes_now(const Napi::CallbackInfo& call) {
  require(call.Env(), AuditChanges::undo_from_any_thread());
}

Napi::Value write_ready_to(const Napi::CallbackInfo& call) {
  const auto bytes = call[1].As<Napi::Uint8Array>();
  const auto written =
      write_ready(call[0].As<Napi::Number>().Int32Value(),
                  {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()});
  if (!written) throw_error(call.Env(), written.error());
  return js_number(call.Env(), written.value());
}

}  // namespace auditql
