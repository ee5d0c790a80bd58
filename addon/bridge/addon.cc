#include <napi.h>

#include "../capture/host_probe.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

Napi::Value probe_host_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  Napi::Array checks = Napi::Array::New(env);
  for (const HostCheck& each : probe_host()) {
    Napi::Object check = Napi::Object::New(env);
    check.Set("name", js_string(env, each.name));
    check.Set("ok", Napi::Boolean::New(env, each.ok));
    check.Set("detail", js_string(env, each.detail));
    check.Set("remedy", js_string(env, each.remedy));
    checks.Set(checks.Length(), check);
  }
  return checks;
}

/// Everything that JavaScript can see; described in src/native/addon.ts.
Napi::Object start(Napi::Env env, Napi::Object exports) {
  exports.Set("openEngine", Napi::Function::New<open_engine>(env));
  exports.Set("checkCapture", Napi::Function::New<check_capture>(env));
  exports.Set("probeHost", Napi::Function::New<probe_host_of>(env));
  exports.Set("peerCredentials", Napi::Function::New<peer_credentials_of>(env));
  exports.Set("takeConnection", Napi::Function::New<take_connection>(env));
  exports.Set("dropPrivileges", Napi::Function::New<drop_privileges_to>(env));
  exports.Set("confineProcess", Napi::Function::New<confine_process_to>(env));
  exports.Set("limitAddressSpace", Napi::Function::New<limit_address_space_to>(env));
  exports.Set("guardStop", Napi::Function::New<guard_stop>(env));
  exports.Set("endSoon", Napi::Function::New<end_soon>(env));
  exports.Set("undoAuditChanges", Napi::Function::New<undo_audit_changes_now>(env));
  exports.Set("writeReady", Napi::Function::New<write_ready_to>(env));
  exports.Set("missingDestinations", Napi::Function::New<missing_destinations>(env));
  exports.Set("compileRules", Napi::Function::New<compile_rules_of>(env));
  exports.Set("listRules", Napi::Function::New<list_rules>(env));
  exports.Set("loadRules", Napi::Function::New<load_rules_of>(env));
  exports.Set("callNumbers", Napi::Function::New<audit_call_numbers>(env));
  exports.Set("errnoNumber", Napi::Function::New<errno_number_of>(env));
  exports.Set("openLogPrinter", Napi::Function::New<open_log_printer>(env));
  exports.Set("startXxh64", Napi::Function::New<start_xxh64>(env));
  exports.Set("openSyslog", Napi::Function::New<open_syslog>(env));
  exports.Set("tableSources", table_sources(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(auditql, start)

}  // namespace auditql
