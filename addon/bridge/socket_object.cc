#include <memory>
#include <optional>

#include "../tables/timed_socket.h"
#include "bridge.h"
#include "js_fields.h"

namespace auditql {

namespace {

/// A unix socket where `path` is given, else an IPv4 address.
struct SocketEndpoint {
  std::string path, address;
  uint16_t port = 0;
};

}  // namespace

template <>
struct JsFields<SocketEndpoint> {
  static constexpr const char* type = "SocketEndpoint";
  static constexpr JsField<SocketEndpoint> all[] = {
      optional_field<&SocketEndpoint::path>("path"),
      optional_field<&SocketEndpoint::address>("address"),
      optional_field<&SocketEndpoint::port>("port"),
  };
};

namespace {

Result<TimedSocket> connect_to(const SocketEndpoint& endpoint, std::chrono::milliseconds timeout) {
  if (!endpoint.path.empty()) return TimedSocket::connect_unix(endpoint.path, timeout);
  return TimedSocket::connect_tcp(endpoint.address, endpoint.port, timeout);
}

/// Functions of one socket; it is closed with close(), or when JavaScript forgets them.
Napi::Object js_socket(Napi::Env env, TimedSocket connected) {
  auto socket = std::make_shared<std::optional<TimedSocket>>(std::move(connected));
  Napi::Object object = Napi::Object::New(env);
  object.Set(
      "send", Napi::Function::New(env, [socket](const Napi::CallbackInfo& call) {
        const auto bytes = call[0].As<Napi::Uint8Array>();
        const bool sent = *socket && (*socket)->send({bytes.Data(), bytes.ByteLength()}).ok();
        return Napi::Boolean::New(call.Env(), sent);
      }));
  object.Set(
      "receive", Napi::Function::New(env, [socket](const Napi::CallbackInfo& call) -> Napi::Value {
        if (!*socket) return call.Env().Null();
        const auto bytes = (*socket)->receive(call[0].ToNumber().Uint32Value());
        if (!bytes.ok()) return call.Env().Null();
        return Napi::Buffer<uint8_t>::Copy(call.Env(), bytes.value().data(), bytes.value().size());
      }));
  object.Set("close",
             Napi::Function::New(env, [socket](const Napi::CallbackInfo&) { socket->reset(); }));
  return object;
}

}  // namespace

Napi::Value open_socket(const Napi::CallbackInfo& call) {
  const std::chrono::milliseconds timeout(call[1].ToNumber().Uint32Value());
  auto socket = connect_to(fields_of<SocketEndpoint>(call[0]), timeout);
  if (!socket.ok()) return call.Env().Null();
  return js_socket(call.Env(), socket.take());
}

}  // namespace auditql
