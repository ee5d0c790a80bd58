#include "../capture/audit_changes.h"
#include "../system/confinement.h"
#include "../system/privileges.h"
#include "../system/ready_write.h"
#include "../system/stop_guard.h"
#include "bridge.h"
#include "js_fields.h"
#include "js_values.h"

namespace auditql {

template <>
struct JsFields<ConfinementOptions> {
  static constexpr const char* type = "ConfinementOptions";
  static constexpr JsField<ConfinementOptions> all[] = {
      field<&ConfinementOptions::capabilities>("capabilities"),
      optional_field<&ConfinementOptions::account>("account"),
      field<&ConfinementOptions::allow_network>("allowNetwork"),
  };
};

template <>
struct JsFields<StopGuard::Options> {
  static constexpr const char* type = "StopGuardOptions";
  static constexpr JsField<StopGuard::Options> all[] = {
      field<&StopGuard::Options::limit_ms>("limitMs"),
      field<&StopGuard::Options::impatient_ms>("impatientMs"),
      field<&StopGuard::Options::exit_ms>("exitMs"),
      field<&StopGuard::Options::status>("status"),
      field<&StopGuard::Options::message>("message"),
  };
};

namespace {

void require(Napi::Env env, const Status& done) {
  if (!done) throw_error(env, done.error());
}

}  // namespace

void drop_privileges_to(const Napi::CallbackInfo& call) {
  require(call.Env(), drop_privileges(strings_of(call[0])));
}

Napi::Value confine_process_to(const Napi::CallbackInfo& call) {
  const auto kept = confine_process(fields_of<ConfinementOptions>(call[0]));
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
  auto options = fields_of<StopGuard::Options>(call[0]);
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
