#include "../sql/extension.h"
#include "../sql/query/cancel_listener.h"
#include "bridge.h"
#include "js_fields.h"
#include "js_table.h"
#include "js_values.h"

namespace auditql {

template <>
struct JsFields<EventWindow> {
  static constexpr const char* type = "EventWindow";
  static constexpr JsField<EventWindow> all[] = {
      field<&EventWindow::after>("after"),
      field<&EventWindow::up_to>("upTo"),
  };
};

namespace {

/// A number is an integer where it has no fraction; `{real: x}` is a real in any case.
SqlValue parameter_of(const Napi::Value& value) {
  if (value.IsObject() && value.As<Napi::Object>().Has("real")) {
    return value.As<Napi::Object>().Get("real").ToNumber().DoubleValue();
  }
  auto parameter = sql_value_of(value);
  if (!parameter.ok()) throw_error(value.Env(), parameter.error());
  return parameter.take();
}

bool read_parameters(const Napi::Value& given, QueryRequest& request) {
  if (!given.IsObject()) return false;
  if (given.IsArray()) {
    const auto list = given.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      request.positional.push_back(parameter_of(list.Get(i)));
    }
  } else {
    for (const std::string& name : strings_of(given.As<Napi::Object>().GetPropertyNames())) {
      request.named.emplace_back(name, parameter_of(given.As<Napi::Object>().Get(name)));
    }
  }
  return true;
}

ResultFormat format_named(const std::string& name) {
  if (name == "csv") return ResultFormat::csv;
  if (name == "json") return ResultFormat::json;
  if (name == "shell") return ResultFormat::shell;
  if (name == "osquery_numerics") return ResultFormat::osquery_numerics;
  return name == "osquery" ? ResultFormat::osquery : ResultFormat::ndjson;
}

bool read_format(const Napi::Value& given, QueryRequest& request) {
  std::string name;
  if (!read_js(given, name)) return false;
  request.format = format_named(name);
  return true;
}

}  // namespace

template <>
struct JsFields<QueryRequest> {
  static constexpr const char* type = "NativeQuery";
  static constexpr JsField<QueryRequest> all[] = {
      field<&QueryRequest::generation>("generation"),
      field<&QueryRequest::sql>("sql"),
      field_by<&read_parameters>("parameters"),
      field<&QueryRequest::allow_unbound>("allowUnbound"),
      field_by<&read_format>("format"),
      field<&QueryRequest::output_fd>("outputFd"),
      field<&QueryRequest::timeout_ms>("timeoutMs"),
      field<&QueryRequest::max_rows>("maxRows"),
      field<&QueryRequest::max_bytes>("maxBytes"),
      field<&QueryRequest::windows>("windows"),
  };
};

namespace {

Napi::Array js_strings(Napi::Env env, const std::vector<std::string>& strings) {
  Napi::Array array = Napi::Array::New(env, strings.size());
  for (uint32_t i = 0; i < strings.size(); i++) array.Set(i, js_string(env, strings[i]));
  return array;
}

Napi::Value js_truncation(Napi::Env env, Truncation by) {
  if (by == Truncation::none) return env.Null();
  return js_string(env, by == Truncation::rows ? "rows" : "bytes");
}

Napi::Value js_error(Napi::Env env, const std::optional<Error>& error) {
  if (!error) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", js_string(env, error->code));
  object.Set("message", js_string(env, error->message));
  return object;
}

Napi::Object js_outcome(Napi::Env env, const QueryOutcome& outcome) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("columns", js_strings(env, outcome.columns));
  object.Set("types", js_strings(env, outcome.types));
  object.Set("rows", js_number(env, outcome.rows));
  object.Set("bytes", js_number(env, outcome.bytes));
  object.Set("elapsedMs", Napi::Number::New(env, outcome.elapsed_ms));
  object.Set("truncatedBy", js_truncation(env, outcome.truncated_by));
  object.Set("evictedRows", js_number(env, outcome.evicted_rows));
  object.Set("eventTables", js_strings(env, outcome.event_tables));
  object.Set("error", js_error(env, outcome.error));
  return object;
}

/// NativeConnection of src/native/connection.ts.
class ConnectionObject : public Napi::ObjectWrap<ConnectionObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    using Self = ConnectionObject;
    return DefineClass(
        env, "NativeConnection",
        {InstanceMethod<&Self::attach_store>("attachStore"),
         InstanceMethod<&Self::define_table>("defineTable"),
         InstanceMethod<&Self::define_view>("defineView"), InstanceMethod<&Self::query>("query"),
         InstanceMethod<&Self::inspect>("inspect"),
         InstanceMethod<&Self::is_interrupted>("isInterrupted"),
         InstanceMethod<&Self::release_store>("releaseStore"),
         InstanceMethod<&Self::remove_table>("removeTable"),
         InstanceMethod<&Self::watch_control>("watchControl")});
  }

  explicit ConnectionObject(const Napi::CallbackInfo& call)
      : ObjectWrap(call), connection_(last_connection()) {
    if (connection_ != nullptr) return;
    throw_error(call.Env(), {"sql_error", "no open database has loaded the addon on this thread"});
  }

 private:
  void attach_store(const Napi::CallbackInfo& call) {
    connection_->attach_store(call[0].As<Napi::String>().Utf8Value());
  }
  void define_table(const Napi::CallbackInfo& call) {
    auto [table, generator] = declared_table_of(call[0]);
    const Status done = connection_->define_table(std::move(table), std::move(generator));
    if (!done) throw_error(call.Env(), done.error());
  }
  void remove_table(const Napi::CallbackInfo& call) {
    const Status done = connection_->remove_table(call[0].As<Napi::String>().Utf8Value());
    if (!done) throw_error(call.Env(), done.error());
  }
  void define_view(const Napi::CallbackInfo& call) {
    const Status done = connection_->define_view(call[0].As<Napi::String>().Utf8Value(),
                                                 call[1].As<Napi::String>().Utf8Value());
    if (!done) throw_error(call.Env(), done.error());
  }
  Napi::Value query(const Napi::CallbackInfo& call) {
    return js_outcome(call.Env(), connection_->run(fields_of<QueryRequest>(call[0])));
  }
  Napi::Value inspect(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const auto info = connection_->inspect(call[0].As<Napi::String>().Utf8Value());
    if (!info.ok()) throw_error(env, info.error());
    Napi::Object object = Napi::Object::New(env);
    object.Set("columns", js_strings(env, info.value().columns));
    object.Set("eventTables", js_strings(env, info.value().event_tables));
    object.Set("readsFacts", Napi::Boolean::New(env, info.value().reads_facts));
    const auto& rejections = info.value().rejections;
    object.Set("rejections", js_strings(env, {rejections.begin(), rejections.end()}));
    object.Set("statementCount", Napi::Number::New(env, info.value().statement_count));
    object.Set("parameterCount", Napi::Number::New(env, info.value().parameter_count));
    return object;
  }
  Napi::Value is_interrupted(const Napi::CallbackInfo& call) {
    return Napi::Boolean::New(call.Env(), connection_->is_interrupted());
  }
  void release_store(const Napi::CallbackInfo&) { connection_->release_store(); }
  void watch_control(const Napi::CallbackInfo& call) {
    listen_for_cancels(call[0].As<Napi::Number>().Int32Value(), connection_->watchdog());
  }

  std::shared_ptr<SqlConnection> connection_;
};

}  // namespace

Napi::Value take_connection(const Napi::CallbackInfo& call) {
  return ConnectionObject::define(call.Env()).New({});
}

}  // namespace auditql
