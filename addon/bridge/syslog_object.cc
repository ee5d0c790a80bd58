#include "../system/syslog_socket.h"
#include "bridge.h"
#include "js_fields.h"
#include "js_values.h"

namespace auditql {

template <>
struct JsFields<SyslogSocket::Options> {
  static constexpr const char* type = "LocalSyslogOptions";
  static constexpr JsField<SyslogSocket::Options> all[] = {
      field<&SyslogSocket::Options::path>("path"),
      field<&SyslogSocket::Options::ident>("ident"),
      field<&SyslogSocket::Options::facility>("facility"),
  };
};

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
      : ObjectWrap(call), socket_(fields_of<SyslogSocket::Options>(call[0])) {}

 private:
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
