#include <arpa/inet.h>

#include "../tables/packet_filter.h"
#include "bridge.h"
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
  return js_object(env, {{"chain", js_string(env, rule.chain)},
                         {"policy", js_string(env, rule.policy)},
                         {"isChain", Napi::Boolean::New(env, rule.is_chain)},
                         {"target", js_string(env, rule.target)},
                         {"protocol", js_number(env, rule.protocol)},
                         {"inverted", js_number(env, rule.inverted)},
                         {"source", js_address(env, rule.source)},
                         {"sourceMask", js_address(env, rule.source_mask)},
                         {"destination", js_address(env, rule.destination)},
                         {"destinationMask", js_address(env, rule.destination_mask)},
                         {"inInterface", js_string(env, rule.in_interface)},
                         {"outInterface", js_string(env, rule.out_interface)},
                         {"inMask", js_string(env, rule.in_mask)},
                         {"outMask", js_string(env, rule.out_mask)},
                         {"hasMatches", Napi::Boolean::New(env, rule.has_matches)},
                         {"sourcePorts", js_ports(env, rule, rule.source_ports)},
                         {"destinationPorts", js_ports(env, rule, rule.destination_ports)},
                         {"packets", js_number(env, rule.packets)},
                         {"bytes", js_number(env, rule.bytes)}});
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
