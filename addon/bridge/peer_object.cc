#include "../system/peer_credentials.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

Napi::Value peer_credentials_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto peer = peer_credentials(call[0].As<Napi::Number>().Int32Value());
  if (!peer) throw_error(env, peer.error());
  return js_object(env, {{"pid", Napi::Number::New(env, peer.value().pid)},
                         {"uid", Napi::Number::New(env, peer.value().uid)}});
}

}  // namespace auditql
