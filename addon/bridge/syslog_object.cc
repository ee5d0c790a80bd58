#include "../system/syslog_socket.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

const char* name_of(SyslogResult result) {
  switch (result) {
    case SyslogResult::sent:
      return "sent";
    case SyslogResult::full:
      return "full";
    case SyslogResult::too_long:
      return "too_long";
    case SyslogResult::absent:
      break;
  }
  return "absent";
}

/// A SyslogSocket as JavaScript sees it.
class SyslogObject : public Napi::ObjectWrap<SyslogObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LocalSyslog",
                       {InstanceMethod<&SyslogObject::send>("send"),
                        InstanceMethod<&SyslogObject::disconnect>("disconnect")});
  }

  /// Constructed with LocalSyslogOptions.
  explicit SyslogObject(const Napi::CallbackInfo& call)
      : ObjectWrap(call), socket_(options_of(call[0].As<Napi::Object>())) {}

 private:
  static SyslogSocket::Options options_of(const Napi::Object& given) {
    return {string_property(given, "path"), string_property(given, "ident"),
            static_cast<uint32_t>(number_property(given, "facility"))};
  }
  Napi::Value send(const Napi::CallbackInfo& call) {
    const uint32_t severity = call[0].As<Napi::Number>().Uint32Value();
    const std::string text = call[1].As<Napi::String>().Utf8Value();
    return js_string(call.Env(), name_of(socket_.send(severity, text)));
  }
  void disconnect(const Napi::CallbackInfo&) { socket_.disconnect(); }

  SyslogSocket socket_;
};

}  // namespace

Napi::Value open_syslog(const Napi::CallbackInfo& call) {
  return SyslogObject::define(call.Env()).New({call[0]});
}

}  // namespace auditql
