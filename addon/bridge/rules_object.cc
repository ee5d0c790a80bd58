#include "../rows/rule_destination.h"
#include "../rules/audit_netlink.h"
#include "../rules/rule_arch.h"
#include "../rules/rule_compiler.h"
#include "../rules/rule_loader.h"
#include "../rules/rule_text.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

std::string_view bytes_of(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

Napi::Array problems_array(Napi::Env env, const std::vector<RuleProblem>& problems) {
  Napi::Array array = Napi::Array::New(env, problems.size());
  for (uint32_t i = 0; i < problems.size(); i++) {
    Napi::Object problem = Napi::Object::New(env);
    problem.Set("line", Napi::Number::New(env, problems[i].line));
    problem.Set("message", js_string(env, problems[i].message));
    array.Set(i, problem);
  }
  return array;
}

Napi::Value kernel_bytes(Napi::Env env, const AuditRule& rule) {
  const std::string bytes = rule.serialize();
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

bool is_rule(const RuleCommand& command) {
  return command.kind == RuleCommand::Kind::add_rule ||
         command.kind == RuleCommand::Kind::delete_rule;
}

Napi::Object command_object(Napi::Env env, const RuleCommand& command) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("line", Napi::Number::New(env, command.line));
  object.Set("text", js_string(env, command_text(command)));
  object.Set("bytes", is_rule(command) ? kernel_bytes(env, command.rule) : env.Null());
  return object;
}

AuditNetlink open_audit(Napi::Env env) {
  auto audit = AuditNetlink::open();
  if (!audit) throw_error(env, audit.error());
  return audit.take();
}

}  // namespace

Napi::Value compile_rules_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const CompiledRules compiled = compile_rules(bytes_of(call[0]));
  Napi::Array commands = Napi::Array::New(env, compiled.commands.size());
  for (uint32_t i = 0; i < compiled.commands.size(); i++) {
    commands.Set(i, command_object(env, compiled.commands[i]));
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("commands", commands);
  result.Set("errors", problems_array(env, compiled.errors));
  result.Set("warnings", problems_array(env, compiled.warnings));
  result.Set("refused", problems_array(env, compiled.refused));
  return result;
}

Napi::Value missing_destinations(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const bool has_file_calls = call[1].ToBoolean().Value();
  Napi::Array reasons = Napi::Array::New(env);
  for (const std::string& line : strings_of(call[0])) {
    const auto rule = compile_rule(line);
    const std::string reason =
        rule ? missing_destination(rule.value(), has_file_calls) : std::string();
    reasons.Set(reasons.Length(),
                reason.empty() ? env.Null() : js_string(env, reason).As<Napi::Value>());
  }
  return reasons;
}

Napi::Value list_rules(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto rules = open_audit(env).rules();
  if (!rules) throw_error(env, rules.error());
  Napi::Array array = Napi::Array::New(env, rules.value().size());
  for (uint32_t i = 0; i < rules.value().size(); i++) {
    Napi::Object rule = Napi::Object::New(env);
    rule.Set("text", js_string(env, rule_text(rules.value()[i])));
    rule.Set("bytes", kernel_bytes(env, rules.value()[i]));
    array.Set(i, rule);
  }
  return array;
}

Napi::Value load_rules_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const CompiledRules compiled = compile_rules(bytes_of(call[0]));
  if (!compiled.errors.empty()) {
    const RuleProblem& first = compiled.errors.front();
    throw_error(env, {"audit_rule_invalid",
                      "line " + std::to_string(first.line) + ": " + first.message, 0});
  }
  AuditNetlink audit = open_audit(env);
  const auto loaded = load_rules(audit, compiled.commands);
  if (!loaded) throw_error(env, loaded.error());
  Napi::Object result = Napi::Object::New(env);
  result.Set("added", js_number(env, loaded.value().added));
  result.Set("deleted", js_number(env, loaded.value().deleted));
  result.Set("alreadyPresent", js_number(env, loaded.value().already_present));
  result.Set("failures", problems_array(env, loaded.value().failures));
  return result;
}

Napi::Value audit_call_numbers(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto numbers = call_numbers(call[0].ToString().Utf8Value(), call[1].ToString().Utf8Value());
  if (!numbers) return env.Null();
  Napi::Object result = Napi::Object::New(env);
  result.Set("arch", js_number(env, numbers->arch));
  result.Set("syscall", js_number(env, numbers->syscall));
  return result;
}

Napi::Value errno_number_of(const Napi::CallbackInfo& call) {
  const auto number = errno_number(call[0].ToString().Utf8Value());
  return number ? Napi::Number::New(call.Env(), *number) : call.Env().Null();
}

}  // namespace auditql
