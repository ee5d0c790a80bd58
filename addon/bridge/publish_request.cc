#include "../pipeline/engine.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

/// Calls `take` with each object of an array.
template <typename Take>
void each_object(const Napi::Value& array, Take&& take) {
  const Napi::Array objects = array.As<Napi::Array>();
  for (uint32_t i = 0; i < objects.Length(); i++) take(objects.Get(i).As<Napi::Object>());
}

FileOptions file_options_of(const Napi::Object& given) {
  FileOptions options;
  options.max_hash_bytes = number_property(given, "maxHashBytes");
  each_object(given.Get("signatures"), [&](const Napi::Object& signature) {
    CategorySignatures signatures{string_property(signature, "category"), {}};
    each_object(signature.Get("sources"), [&](const Napi::Object& source) {
      signatures.sources.push_back(
          {string_property(source, "name"), string_property(source, "text")});
    });
    options.signatures.push_back(std::move(signatures));
  });
  return options;
}

std::vector<PathCategory> categories_of(const Napi::Value& given) {
  std::vector<PathCategory> categories;
  each_object(given, [&](const Napi::Object& category) {
    categories.push_back({string_property(category, "name"), strings_of(category.Get("paths")),
                          category.Get("withAccesses").ToBoolean().Value()});
  });
  return categories;
}

}  // namespace

EnginePublishing publish_request_of(const Napi::Object& given) {
  EnginePublishing request;
  request.categories = categories_of(given.Get("categories"));
  request.excludes = strings_of(given.Get("excludes"));
  request.process_file_events = given.Get("processFileEvents").ToBoolean().Value();
  if (given.Get("fileEvents").IsObject()) {
    request.sources.files = file_options_of(given.Get("fileEvents").As<Napi::Object>());
  }
  if (given.Get("syslog").IsObject()) {
    const Napi::Object syslog = given.Get("syslog").As<Napi::Object>();
    request.sources.syslog =
        SyslogOptions{string_property(syslog, "pipePath"),
                      static_cast<uint32_t>(number_property(syslog, "maxLinesPerTurn"))};
  }
  if (given.Get("devices").IsObject()) {
    const Napi::Object devices = given.Get("devices").As<Napi::Object>();
    request.sources.devices = DeviceOptions{string_property(devices, "disabledTypes")};
  }
  return request;
}

}  // namespace auditql
