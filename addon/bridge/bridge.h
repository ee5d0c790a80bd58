#pragma once

#include <napi.h>

#include <string>

namespace auditql {

class Engine;
class EnrichmentQueue;
struct EnginePublishing;

// What addon.cc exports, and what its parts share. The types are in src/native/.

/// `openEngine(options)` of src/native/engine.ts.
Napi::Value open_engine(const Napi::CallbackInfo& call);
/// `checkCapture(options)` of src/native/addon.ts.
Napi::Value check_capture(const Napi::CallbackInfo& call);
/// PublishOptions of src/native/capture.ts.
EnginePublishing publish_request_of(const Napi::Value& given);

/// What `Engine.takeExecutables()`, `takeContainers()` and `storeFact()` of
/// src/native/enrichment_store.ts give.
Napi::Value executable_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit);
Napi::Value container_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit);
/// Throws `table_unknown` for a table that is not for facts, or has no such column.
Napi::Value store_fact(Napi::Env env, Engine& engine, const std::string& table,
                       const Napi::Object& row);

/// `takeConnection()` of src/native/addon.ts.
Napi::Value take_connection(const Napi::CallbackInfo& call);
/// openLogPrinter() of src/native/addon.ts.
Napi::Value open_log_printer(const Napi::CallbackInfo& call);
/// `startXxh64()` of src/native/addon.ts.
Napi::Value start_xxh64(const Napi::CallbackInfo& call);

// Audit rules; see src/native/audit_rules.ts.
Napi::Value missing_destinations(const Napi::CallbackInfo& call);
Napi::Value compile_rules_of(const Napi::CallbackInfo& call);
Napi::Value list_rules(const Napi::CallbackInfo& call);
Napi::Value load_rules_of(const Napi::CallbackInfo& call);
Napi::Value audit_call_numbers(const Napi::CallbackInfo& call);
Napi::Value errno_number_of(const Napi::CallbackInfo& call);

// What concerns this process as a whole; see src/native/addon.ts.
void drop_privileges_to(const Napi::CallbackInfo& call);
Napi::Value confine_process_to(const Napi::CallbackInfo& call);
void limit_address_space_to(const Napi::CallbackInfo& call);
void guard_stop(const Napi::CallbackInfo& call);
void end_soon(const Napi::CallbackInfo& call);
void undo_audit_changes_now(const Napi::CallbackInfo& call);
Napi::Value write_ready_to(const Napi::CallbackInfo& call);
/// The process at the other end of a unix socket.
Napi::Value peer_credentials_of(const Napi::CallbackInfo& call);
/// The local syslog.
Napi::Value open_syslog(const Napi::CallbackInfo& call);

/// What tables read through native code; described in src/native/table_sources.ts.
Napi::Object table_sources(Napi::Env env);
/// A TimedSocket; null when no process listens.
Napi::Value open_socket(const Napi::CallbackInfo& call);
/// Rules of one table of ip_tables; null when they cannot be read.
Napi::Value packet_filter_rules_of(const Napi::CallbackInfo& call);
/// YaraRules; null without libyara, and for rules that do not compile.
Napi::Value compile_yara_rules(const Napi::CallbackInfo& call);

}  // namespace auditql
