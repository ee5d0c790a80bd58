#include <memory>
#include <optional>

#include "../capture/audit_socket.h"
#include "../pipeline/engine.h"
#include "../rules/rule_compiler.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

TableLimits limits_of(const Napi::Object& object) {
  return TableLimits{number_property(object, "maxRows"), number_property(object, "expirySeconds"),
                     number_property(object, "maxBytes")};
}

/// Compiles auditctl lines; the first that is wrong is thrown as `audit_rule_invalid`.
std::vector<AuditRule> rules_of(const Napi::Value& lines) {
  std::vector<AuditRule> rules;
  for (const std::string& line : strings_of(lines)) {
    auto rule = compile_rule(line);
    if (!rule) {
      throw_error(lines.Env(), {"audit_rule_invalid", line + ": " + rule.error().message, 0});
    }
    rules.push_back(rule.take());
  }
  return rules;
}

Exclusion exclusion_of(const Napi::Object& object) {
  return {optional_string(object, "exe"),    optional_string(object, "exePrefix"),
          optional_string(object, "parent"), optional_string(object, "subjectType"),
          optional_number(object, "uid"),    optional_number(object, "auid"),
          strings_of(object.Get("syscalls"))};
}

/// Those of the configuration; the first that is not sound is thrown as `audit_rule_invalid`.
std::vector<Exclusion> exclusions_of(const Napi::Value& given) {
  std::vector<Exclusion> exclusions;
  const Napi::Array array = given.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    exclusions.push_back(exclusion_of(array.Get(i).As<Napi::Object>()));
    const Status sound = check_exclusion(exclusions.back());
    if (!sound) throw_error(given.Env(), sound.error());
  }
  return exclusions;
}

ConfiguredRules configured_rules_of(const Napi::Object& given) {
  return {.exclude = rules_of(given.Get("excludeRules")),
          .extra = rules_of(given.Get("extraRules"))};
}

/// Collects problems of rules and exclusions.
class CaptureProblems {
 public:
  explicit CaptureProblems(Napi::Env env) : env_(env), all_(Napi::Array::New(env)) {}
  void add_error(const char* list, uint32_t index, const Error& error) {
    add("error", {list, index}, error.message);
  }
  void add_warning(const char* list, uint32_t index, const std::string& text) {
    if (!text.empty()) add("warning", {list, index}, text);
  }
  Napi::Value all() const { return all_; }

 private:
  struct Place {
    const char* list;
    uint32_t index;
  };
  void add(const char* severity, const Place& place, const std::string& message) {
    all_.Set(all_.Length(), js_object(env_, {{"severity", js_string(env_, severity)},
                                             {"list", js_string(env_, place.list)},
                                             {"index", Napi::Number::New(env_, place.index)},
                                             {"message", js_string(env_, message)}}));
  }
  Napi::Env env_;
  Napi::Array all_;
};

/// A Counter as JavaScript sees it. Holds the engine object, which owns the region.
class CounterObject : public Napi::ObjectWrap<CounterObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Counter",
        {InstanceMethod<&CounterObject::add>("add"), InstanceMethod<&CounterObject::set>("set"),
         InstanceMethod<&CounterObject::get>("get")});
  }

  /// Constructed with (engine, External<Counter>).
  explicit CounterObject(const Napi::CallbackInfo& call) : ObjectWrap(call) {
    owner_ = Napi::Persistent(call[0].As<Napi::Object>());
    counter_ = *call[1].As<Napi::External<Counter>>().Data();
  }

 private:
  void add(const Napi::CallbackInfo& call) {
    counter_.add(call[0].IsNumber() ? static_cast<uint64_t>(call[0].As<Napi::Number>().Int64Value())
                                    : 1);
  }
  void set(const Napi::CallbackInfo& call) {
    const int64_t value = call[0].As<Napi::Number>().Int64Value();
    counter_.set(value > 0 ? static_cast<uint64_t>(value) : 0);
  }
  Napi::Value get(const Napi::CallbackInfo& call) { return js_number(call.Env(), counter_.get()); }

  Napi::ObjectReference owner_;
  Counter counter_;
};

class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Engine",
                       {InstanceMethod<&EngineObject::start_capture>("startCapture"),
                        InstanceMethod<&EngineObject::change_capture>("changeCapture"),
                        InstanceMethod<&EngineObject::capture_report>("captureReport"),
                        InstanceMethod<&EngineObject::stop_capture>("stopCapture"),
                        InstanceMethod<&EngineObject::publish>("publish"),
                        InstanceMethod<&EngineObject::feed_log>("feedLog"),
                        InstanceMethod<&EngineObject::finish_log>("finishLog"),
                        InstanceMethod<&EngineObject::set_limits>("setLimits"),
                        InstanceMethod<&EngineObject::set_read_below>("setReadBelow"),
                        InstanceMethod<&EngineObject::bounds>("bounds"),
                        InstanceMethod<&EngineObject::store_location>("storeLocation"),
                        InstanceMethod<&EngineObject::take_executables>("takeExecutables"),
                        InstanceMethod<&EngineObject::take_containers>("takeContainers"),
                        InstanceMethod<&EngineObject::on_questions>("onQuestions"),
                        InstanceMethod<&EngineObject::store_fact>("storeFact"),
                        InstanceMethod<&EngineObject::counter>("counter"),
                        InstanceMethod<&EngineObject::health>("health"),
                        InstanceMethod<&EngineObject::close>("close")});
  }

  /// Constructed with (options, Counter class).
  explicit EngineObject(const Napi::CallbackInfo& call) : ObjectWrap(call) {
    const Napi::Object given = call[0].As<Napi::Object>();
    counter_class_ = Napi::Persistent(call[1].As<Napi::Function>());
    EngineOptions options{
        string_property(given, "stateDirectory"), {}, number_property(given, "memoryBytes")};
    const Napi::Value limits = given.Get("limits");
    if (limits.IsObject()) {
      for (const auto& [name, value] : limits.As<Napi::Object>()) {
        options.limits[name.ToString().Utf8Value()] =
            limits_of(Napi::Value(value).As<Napi::Object>());
      }
    }
    auto engine = Engine::open(options);
    if (!engine) throw_error(call.Env(), engine.error());
    engine_ = engine.take();
  }

 private:
  Engine& engine(Napi::Env env) {
    if (!engine_) throw_error(env, {"engine_closed", "the engine is closed", 0});
    return *engine_;
  }
  EventTable& table(const Napi::CallbackInfo& call) {
    const std::string name = call[0].ToString().Utf8Value();
    EventTable* found = engine(call.Env()).table(name);
    if (found == nullptr) {
      throw_error(call.Env(), {"table_unknown", "no event table is named " + name, 0});
    }
    return *found;
  }

  Napi::Value start_capture(const Napi::CallbackInfo& call) {
    const Napi::Object given = call[0].As<Napi::Object>();
    CaptureRequest request;
    request.backend = string_property(given, "backend", "auto");
    AuditBackendOptions& audit = request.options.audit;
    audit.rules = configured_rules_of(given);
    request.exclusions = exclusions_of(given.Get("exclusions"));
    request.redact_arguments = strings_of(given.Get("redactArguments"));
    const Napi::Object environment = given.Get("environment").As<Napi::Object>();
    request.environment = {strings_of(environment.Get("keep")),
                           strings_of(environment.Get("redact"))};
    if (given.Get("backlogLimit").IsNumber()) {
      audit.backlog_limit = static_cast<uint32_t>(number_property(given, "backlogLimit"));
    }
    if (given.Get("backlogWaitTime").IsNumber()) {
      const uint64_t jiffies = number_property(given, "backlogWaitTime");
      audit.backlog_wait_ms = static_cast<uint32_t>(jiffies * 1000 / jiffies_per_second());
    }
    const CaptureStatus status = engine(call.Env()).start_capture(request);
    return status_object(call.Env(), status);
  }
  void change_capture(const Napi::CallbackInfo& call) {
    const Napi::Object given = call[0].As<Napi::Object>();
    const Status changed =
        engine(call.Env())
            .change_capture({configured_rules_of(given), exclusions_of(given.Get("exclusions"))});
    if (!changed) throw_error(call.Env(), changed.error());
  }
  static Napi::Value status_object(Napi::Env env, const CaptureStatus& status) {
    Napi::Array unavailable = Napi::Array::New(env);
    for (const Unavailable& each : status.unavailable) {
      unavailable.Set(unavailable.Length(),
                      js_object(env, {{"backend", js_string(env, each.backend)},
                                      {"reason", js_string(env, each.reason)},
                                      {"remedy", js_string(env, each.remedy)}}));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("backend", status.backend.empty()
                              ? env.Null()
                              : js_string(env, status.backend).As<Napi::Value>());
    result.Set("unavailable", unavailable);
    return result;
  }
  Napi::Value capture_report(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const CaptureReport report = engine(env).capture_report();
    const auto sight = [env](Sight seen) {
      constexpr const char* kNames[] = {"off", "limited", "on"};
      return js_string(env, kNames[static_cast<size_t>(seen)]);
    };
    Napi::Array problems = Napi::Array::New(env);
    for (const CaptureProblem& each : report.problems) {
      problems.Set(problems.Length(), js_object(env, {{"name", js_string(env, each.name)},
                                                      {"reason", js_string(env, each.reason)},
                                                      {"remedy", js_string(env, each.remedy)}}));
    }
    return js_object(env, {{"processes", sight(report.sees.processes)},
                           {"sockets", sight(report.sees.sockets)},
                           {"files", sight(report.sees.files)},
                           {"records", sight(report.sees.records)},
                           {"problems", problems}});
  }
  void stop_capture(const Napi::CallbackInfo& call) { engine(call.Env()).stop_capture(); }
  Napi::Value publish(const Napi::CallbackInfo& call) {
    const EnginePublishing request = publish_request_of(call[0].As<Napi::Object>());
    Napi::Array problems = Napi::Array::New(call.Env());
    for (const SourceProblem& each : engine(call.Env()).publish(request)) {
      problems.Set(problems.Length(),
                   js_object(call.Env(), {{"table", js_string(call.Env(), each.table)},
                                          {"message", js_string(call.Env(), each.error.message)}}));
    }
    return problems;
  }
  void feed_log(const Napi::CallbackInfo& call) {
    const auto bytes = call[0].As<Napi::Uint8Array>();
    const Status fed =
        engine(call.Env())
            .feed_log({reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()});
    if (!fed) throw_error(call.Env(), fed.error());
  }
  void finish_log(const Napi::CallbackInfo& call) { engine(call.Env()).finish_log(); }
  void set_limits(const Napi::CallbackInfo& call) {
    table(call).set_limits(limits_of(call[1].As<Napi::Object>()));
  }
  void set_read_below(const Napi::CallbackInfo& call) {
    table(call).set_read_below(static_cast<uint64_t>(call[1].As<Napi::Number>().Int64Value()));
  }
  Napi::Value bounds(const Napi::CallbackInfo& call) {
    const EventTable& found = table(call);
    Napi::Object result = Napi::Object::New(call.Env());
    result.Set("firstEid", js_number(call.Env(), found.first_eid()));
    result.Set("nextEid", js_number(call.Env(), found.next_eid()));
    return result;
  }
  Napi::Value store_location(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const int fd = engine(env).store_fd();
    Napi::Object result = Napi::Object::New(env);
    result.Set("directory", js_string(env, engine(env).store_directory()));
    result.Set("fd", fd < 0 ? env.Null() : Napi::Number::New(env, fd).As<Napi::Value>());
    return result;
  }
  Napi::Value take_executables(const Napi::CallbackInfo& call) {
    return executable_requests_of(call.Env(), engine(call.Env()).enrichment(),
                                  call[0].As<Napi::Number>().Uint32Value());
  }
  Napi::Value take_containers(const Napi::CallbackInfo& call) {
    return container_requests_of(call.Env(), engine(call.Env()).enrichment(),
                                 call[0].As<Napi::Number>().Uint32Value());
  }
  /// The decoding thread ends with the engine, and calls nothing after that.
  void on_questions(const Napi::CallbackInfo& call) {
    questions_ = Napi::ThreadSafeFunction::New(call.Env(), call[0].As<Napi::Function>(),
                                               "questions about events", 0, 1);
    questions_.Unref(call.Env());
    engine(call.Env()).enrichment().set_on_questions([this] { questions_.NonBlockingCall(); });
  }
  Napi::Value store_fact(const Napi::CallbackInfo& call) {
    return auditql::store_fact(call.Env(), engine(call.Env()), call[0].ToString().Utf8Value(),
                               call[1].As<Napi::Object>());
  }
  Napi::Value counter(const Napi::CallbackInfo& call) {
    const Napi::Object key = call[0].As<Napi::Object>();
    const std::string stage = string_property(key, "stage"), name = string_property(key, "name"),
                      metric = string_property(key, "metric"),
                      reason = string_property(key, "reason");
    Counter found = engine(call.Env()).health().counter({stage, name, metric, reason});
    return counter_class_.New({Value(), Napi::External<Counter>::New(call.Env(), &found)});
  }
  Napi::Value health(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    Napi::Array rows = Napi::Array::New(env);
    for (const HealthRow& each : engine(env).health().rows()) {
      rows.Set(rows.Length(), js_object(env, {{"stage", js_string(env, each.stage)},
                                              {"name", js_string(env, each.name)},
                                              {"metric", js_string(env, each.metric)},
                                              {"reason", js_string(env, each.reason)},
                                              {"value", js_number(env, each.value)}}));
    }
    return rows;
  }
  /// Counters go on pointing into the region, so it outlives the engine's end until collection.
  void close(const Napi::CallbackInfo&) {
    if (engine_) closed_health_ = engine_->share_health();
    engine_.reset();
    if (questions_) questions_.Release();
    questions_ = {};
  }

  Napi::ThreadSafeFunction questions_;
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<HealthRegion> closed_health_;
  Napi::FunctionReference counter_class_;
};

}  // namespace

Napi::Value open_engine(const Napi::CallbackInfo& call) {
  if (!call[0].IsObject())
    throw Napi::TypeError::New(call.Env(), "openEngine(options) requires an object");
  Napi::Function counter_class = CounterObject::define(call.Env());
  return EngineObject::define(call.Env()).New({call[0], counter_class});
}

Napi::Value check_capture(const Napi::CallbackInfo& call) {
  const Napi::Object given = call[0].As<Napi::Object>();
  CaptureProblems problems(call.Env());
  for (const char* list : {"excludeRules", "extraRules"}) {
    const std::vector<std::string> lines = strings_of(given.Get(list));
    for (uint32_t i = 0; i < lines.size(); i++) {
      const auto rule = compile_rule(lines[i]);
      if (!rule) problems.add_error(list, i, rule.error());
      if (rule) problems.add_warning(list, i, rule_warning(rule.value()));
    }
  }
  const Napi::Array exclusions = given.Get("exclusions").As<Napi::Array>();
  for (uint32_t i = 0; i < exclusions.Length(); i++) {
    const Exclusion exclusion = exclusion_of(exclusions.Get(i).As<Napi::Object>());
    const Status sound = check_exclusion(exclusion);
    if (!sound) problems.add_error("exclusions", i, sound.error());
    if (sound) problems.add_warning("exclusions", i, exclusion_warning(exclusion));
  }
  return problems.all();
}

}  // namespace auditql
