#include "../tables/yara_rules.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

// A query has its own limit; this one is for a single target.
constexpr int kTimeoutSeconds = 10;

using Matches = std::optional<std::vector<YaraMatch>>;

Napi::Value js_matches(Napi::Env env, const Matches& matches) {
  if (!matches) return env.Null();
  Napi::Array array = Napi::Array::New(env);
  for (const YaraMatch& match : *matches) {
    Napi::Array tags = Napi::Array::New(env);
    for (const std::string& tag : match.tags) tags.Set(tags.Length(), js_string(env, tag));
    Napi::Object object = Napi::Object::New(env);
    object.Set("rule", js_string(env, match.rule));
    object.Set("tags", tags);
    array.Set(array.Length(), object);
  }
  return array;
}

Matches scan_target(YaraRules& rules, const Napi::Value& target) {
  if (target.IsNumber()) {
    return rules.scan_process(target.As<Napi::Number>().Int32Value(), kTimeoutSeconds);
  }
  const auto bytes = target.As<Napi::Uint8Array>();
  return rules.scan({bytes.Data(), bytes.ByteLength()}, kTimeoutSeconds);
}

}  // namespace

Napi::Value compile_yara_rules(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  std::shared_ptr<YaraRules> rules = YaraRules::compile(call[0].ToString().Utf8Value());
  if (rules == nullptr) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("scan", Napi::Function::New(env, [rules](const Napi::CallbackInfo& scan) {
               return js_matches(scan.Env(), scan_target(*rules, scan[0]));
             }));
  return object;
}

}  // namespace auditql
