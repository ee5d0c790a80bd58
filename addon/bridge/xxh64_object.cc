#include <cinttypes>
#include <cstdio>

#include "../bytes/xxh64.h"
#include "bridge.h"

namespace auditql {

namespace {

class Xxh64Object : public Napi::ObjectWrap<Xxh64Object> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Xxh64",
        {InstanceMethod<&Xxh64Object::update>("update"), InstanceMethod<&Xxh64Object::hex>("hex")});
  }
  explicit Xxh64Object(const Napi::CallbackInfo& call) : ObjectWrap(call) {}

 private:
  void update(const Napi::CallbackInfo& call) {
    const auto bytes = call[0].As<Napi::Uint8Array>();
    state_.update({reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()});
  }
  Napi::Value hex(const Napi::CallbackInfo& call) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016" PRIx64, state_.digest());
    return Napi::String::New(call.Env(), digits);
  }

  Xxh64 state_;
};

}  // namespace

Napi::Value start_xxh64(const Napi::CallbackInfo& call) {
  return Xxh64Object::define(call.Env()).New({});
}

}  // namespace auditql
