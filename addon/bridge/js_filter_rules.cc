#include "js_filter_rules.h"

#include <arpa/inet.h>

#include "../tables/packet_filter.h"
#include "js_values.h"

namespace auditql {

namespace {

Napi::String js_address(Napi::Env env, uint32_t address) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &address, text, sizeof text);
  return js_string(env, text);
}

Napi::Value js_ports(Napi::Env env, const FilterRule& rule, const uint16_t (&ports)[2]) {
  if (!rule.has_ports) return env.Null();
  return js_string(env, std::to_string(ports[0]) + ":" + std::to_string(ports[1]));
}

Napi::Object js_rule(Napi::Env env, const FilterRule& rule) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("chain", js_string(env, rule.chain));
  object.Set("policy", js_string(env, rule.policy));
  object.Set("isChain", Napi::Boolean::New(env, rule.is_chain));
  object.Set("target", js_string(env, rule.target));
  object.Set("protocol", js_number(env, rule.protocol));
  object.Set("inverted", js_number(env, rule.inverted));
  object.Set("source", js_address(env, rule.source));
  object.Set("sourceMask", js_address(env, rule.source_mask));
  object.Set("destination", js_address(env, rule.destination));
  object.Set("destinationMask", js_address(env, rule.destination_mask));
  object.Set("inInterface", js_string(env, rule.in_interface));
  object.Set("outInterface", js_string(env, rule.out_interface));
  object.Set("inMask", js_string(env, rule.in_mask));
  object.Set("outMask", js_string(env, rule.out_mask));
  object.Set("hasMatches", Napi::Boolean::New(env, rule.has_matches));
  object.Set("sourcePorts", js_ports(env, rule, rule.source_ports));
  object.Set("destinationPorts", js_ports(env, rule, rule.destination_ports));
  object.Set("packets", js_number(env, rule.packets));
  object.Set("bytes", js_number(env, rule.bytes));
  return object;
}

}  // namespace

Napi::Value packet_filter_rules_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto rules = packet_filter_rules(call[0].ToString().Utf8Value());
  if (!rules.ok()) return env.Null();
  Napi::Array array = Napi::Array::New(env, rules.value().size());
  for (uint32_t i = 0; i < rules.value().size(); i++) array.Set(i, js_rule(env, rules.value()[i]));
  return array;
}

}  // namespace auditql
