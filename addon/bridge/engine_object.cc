#include <memory>
#include <optional>
#include <variant>

#include "../capture/audit_socket.h"
#include "../pipeline/engine.h"
#include "../rules/rule_compiler.h"
#include "bridge.h"
#include "js_fields.h"
#include "js_values.h"

namespace auditql {

template <>
struct JsFields<TableLimits> {
  static constexpr const char* type = "TableLimits";
  static constexpr JsField<TableLimits> all[] = {
      field<&TableLimits::max_rows>("maxRows"),
      field<&TableLimits::expiry_seconds>("expirySeconds"),
      field<&TableLimits::max_bytes>("maxBytes"),
  };
};

template <>
struct JsFields<EngineOptions> {
  static constexpr const char* type = "EngineOptions";
  static constexpr JsField<EngineOptions> all[] = {
      field<&EngineOptions::state_directory>("stateDirectory"),
      field<&EngineOptions::limits>("limits"),
      optional_field<&EngineOptions::memory_bytes>("memoryBytes"),
  };
};

template <>
struct JsFields<Exclusion> {
  static constexpr const char* type = "Exclusion";
  static constexpr JsField<Exclusion> all[] = {
      optional_field<&Exclusion::exe>("exe"),
      optional_field<&Exclusion::exe_prefix>("exePrefix"),
      optional_field<&Exclusion::parent>("parent"),
      optional_field<&Exclusion::subject_type>("subjectType"),
      optional_field<&Exclusion::uid>("uid"),
      optional_field<&Exclusion::auid>("auid"),
      optional_field<&Exclusion::syscalls>("syscalls"),
  };
};

template <>
struct JsFields<EnvironmentChoice> {
  static constexpr const char* type = "EnvironmentChoice";
  static constexpr JsField<EnvironmentChoice> all[] = {
      field<&EnvironmentChoice::keep>("keep"),
      field<&EnvironmentChoice::redact>("redact"),
  };
};

namespace {

/// CaptureConfig of src/config/config.ts, as it is given.
struct CaptureConfig {
  std::string backend;
  AuditChoice audit = AuditChoice::automatic;
  std::optional<uint32_t> backlog_limit;
  std::optional<uint64_t> backlog_wait_time;  ///< jiffies
  std::vector<std::string> rules;             ///< auditctl lines
  /// In the order of the configuration; the text is an auditctl line.
  std::vector<std::variant<std::string, Exclusion>> exclude;
  std::vector<std::string> redact_arguments;
  EnvironmentChoice environment;
};

struct CounterName {
  std::string stage, name, metric, reason;
};

bool read_audit(const Napi::Value& value, CaptureConfig& into) {
  std::string text;
  if (!read_js(value, text)) return false;
  const auto choice = audit_choice(text);
  if (choice) into.audit = *choice;
  return choice.has_value();
}

bool read_exclude(const Napi::Value& value, CaptureConfig& into) {
  if (!value.IsArray()) return false;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value given = array.Get(i);
    auto& entry = into.exclude.emplace_back();
    const bool is_read = given.IsString() ? read_js(given, entry.emplace<std::string>())
                                          : read_js(given, entry.emplace<Exclusion>());
    if (!is_read) return false;
  }
  return true;
}

}  // namespace

template <>
struct JsFields<CaptureConfig> {
  static constexpr const char* type = "CaptureConfig";
  static constexpr JsField<CaptureConfig> all[] = {
      field<&CaptureConfig::backend>("backend"),
      field_by<&read_audit>("audit"),
      optional_field<&CaptureConfig::backlog_limit>("backlogLimit"),
      optional_field<&CaptureConfig::backlog_wait_time>("backlogWaitTime"),
      field<&CaptureConfig::rules>("rules"),
      field_by<&read_exclude>("exclude"),
      field<&CaptureConfig::redact_arguments>("redactArguments"),
      field<&CaptureConfig::environment>("environment"),
  };
};

template <>
struct JsFields<CounterName> {
  static constexpr const char* type = "CounterKey";
  static constexpr JsField<CounterName> all[] = {
      field<&CounterName::stage>("stage"),
      field<&CounterName::name>("name"),
      field<&CounterName::metric>("metric"),
      optional_field<&CounterName::reason>("reason"),
  };
};

namespace {

/// Compiles an auditctl line; one that is wrong is thrown as `audit_rule_invalid`.
AuditRule rule_of(Napi::Env env, const std::string& line) {
  auto rule = compile_rule(line);
  if (!rule) throw_error(env, {"audit_rule_invalid", line + ": " + rule.error().message, 0});
  return rule.take();
}

/// What of a running capture can be changed; the first rule or exclusion that is wrong is thrown as
/// `audit_rule_invalid`.
CaptureChange change_of(Napi::Env env, const CaptureConfig& given) {
  CaptureChange change;
  for (const auto& entry : given.exclude) {
    if (const auto* line = std::get_if<std::string>(&entry)) {
      change.rules.exclude.push_back(rule_of(env, *line));
    } else {
      const Exclusion& exclusion = std::get<Exclusion>(entry);
      const Status sound = check_exclusion(exclusion);
      if (!sound) throw_error(env, sound.error());
      change.exclusions.push_back(exclusion);
    }
  }
  for (const std::string& line : given.rules) change.rules.extra.push_back(rule_of(env, line));
  return change;
}

/// Collects problems of rules and exclusions.
class CaptureProblems {
 public:
  /// Where the configuration has it.
  struct Place {
    const char* list;
    uint32_t index;
  };
  explicit CaptureProblems(Napi::Env env) : env_(env), all_(Napi::Array::New(env)) {}
  void check_rule(const Place& place, const std::string& line) {
    const auto rule = compile_rule(line);
    if (!rule) return add("error", place, rule.error().message);
    add("warning", place, rule_warning(rule.value()));
  }
  void check_exclusion(const Place& place, const Exclusion& exclusion) {
    const Status sound = auditql::check_exclusion(exclusion);
    if (!sound) return add("error", place, sound.error().message);
    add("warning", place, exclusion_warning(exclusion));
  }
  Napi::Value all() const { return all_; }

 private:
  /// Without a message there is no problem.
  void add(const char* severity, const Place& place, const std::string& message) {
    if (message.empty()) return;
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
    counter_class_ = Napi::Persistent(call[1].As<Napi::Function>());
    auto engine = Engine::open(fields_of<EngineOptions>(call[0]));
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
    const auto given = fields_of<CaptureConfig>(call[0]);
    CaptureChange change = change_of(call.Env(), given);
    CaptureRequest request;
    request.backend = given.backend;
    request.exclusions = std::move(change.exclusions);
    request.redact_arguments = given.redact_arguments;
    request.environment = given.environment;
    AuditBackendOptions& audit = request.options.audit;
    audit.rules = std::move(change.rules);
    audit.choice = given.audit;
    if (given.backlog_limit) audit.backlog_limit = *given.backlog_limit;
    if (given.backlog_wait_time) {
      const uint64_t wait_ms = *given.backlog_wait_time * 1000 / jiffies_per_second();
      audit.backlog_wait_ms = static_cast<uint32_t>(wait_ms);
    }
    const CaptureStatus status = engine(call.Env()).start_capture(request);
    return status_object(call.Env(), status);
  }
  void change_capture(const Napi::CallbackInfo& call) {
    const CaptureChange change = change_of(call.Env(), fields_of<CaptureConfig>(call[0]));
    const Status changed = engine(call.Env()).change_capture(change);
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
    const EnginePublishing request = publish_request_of(call[0]);
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
    table(call).set_limits(fields_of<TableLimits>(call[1]));
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
    const auto key = fields_of<CounterName>(call[0]);
    Counter found =
        engine(call.Env()).health().counter({key.stage, key.name, key.metric, key.reason});
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
  Napi::Function counter_class = CounterObject::define(call.Env());
  return EngineObject::define(call.Env()).New({call[0], counter_class});
}

Napi::Value check_capture(const Napi::CallbackInfo& call) {
  const auto given = fields_of<CaptureConfig>(call[0]);
  CaptureProblems problems(call.Env());
  for (uint32_t i = 0; i < given.exclude.size(); i++) {
    if (const auto* line = std::get_if<std::string>(&given.exclude[i])) {
      problems.check_rule({"exclude", i}, *line);
    } else {
      problems.check_exclusion({"exclude", i}, std::get<Exclusion>(given.exclude[i]));
    }
  }
  for (uint32_t i = 0; i < given.rules.size(); i++) {
    problems.check_rule({"rules", i}, given.rules[i]);
  }
  return problems.all();
}

}  // namespace auditql
