#include "../pipeline/log_printer.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

/// A LogPrinter as JavaScript sees it.
class LogPrinterObject : public Napi::ObjectWrap<LogPrinterObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LogPrinter",
                       {InstanceMethod<&LogPrinterObject::feed>("feed"),
                        InstanceMethod<&LogPrinterObject::finish>("finish"),
                        InstanceMethod<&LogPrinterObject::counts>("counts")});
  }

  /// Constructed with "records" or "events".
  explicit LogPrinterObject(const Napi::CallbackInfo& call)
      : ObjectWrap(call),
        printer_(call[0].ToString().Utf8Value() == "events" ? LogItem::events : LogItem::records) {}

 private:
  static Napi::Value lines(Napi::Env env, std::string_view text) {
    return Napi::Buffer<char>::Copy(env, text.data(), text.size());
  }
  Napi::Value feed(const Napi::CallbackInfo& call) {
    const auto bytes = call[0].As<Napi::Uint8Array>();
    return lines(call.Env(),
                 printer_.feed({reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()}));
  }
  Napi::Value finish(const Napi::CallbackInfo& call) {
    return lines(call.Env(), printer_.finish());
  }
  Napi::Value counts(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const DecodeCounters& counters = printer_.counters();
    Napi::Object counts = Napi::Object::New(env);
    counts.Set("records", js_number(env, counters.seen.get()));
    counts.Set("malformed", js_number(env, counters.dropped_malformed.get()));
    counts.Set("tooBig", js_number(env, counters.dropped_too_big.get()));
    counts.Set("late", js_number(env, counters.dropped_late.get()));
    return counts;
  }

  LogPrinter printer_;
};

}  // namespace

Napi::Value open_log_printer(const Napi::CallbackInfo& call) {
  return LogPrinterObject::define(call.Env()).New({call[0]});
}

}  // namespace auditql
