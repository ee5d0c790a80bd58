#pragma once

#include <napi.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// Throws the error as a JavaScript Error with `code`, for src/native/ to map.
[[noreturn]] inline void throw_error(Napi::Env env, const Error& error) {
  Napi::Error thrown = Napi::Error::New(env, error.message);
  thrown.Set("code", Napi::String::New(env, error.code));
  throw thrown;
}

inline Napi::String js_string(Napi::Env env, std::string_view text) {
  return Napi::String::New(env, text.data(), text.size());
}

inline Napi::Number js_number(Napi::Env env, uint64_t number) {
  return Napi::Number::New(env, static_cast<double>(number));
}

/// A new object with these members.
inline Napi::Object js_object(Napi::Env env,
                              std::initializer_list<std::pair<const char*, Napi::Value>> members) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : members) object.Set(name, value);
  return object;
}

inline std::vector<std::string> strings_of(const Napi::Value& value) {
  std::vector<std::string> strings;
  if (!value.IsArray()) return strings;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    strings.push_back(array.Get(i).ToString().Utf8Value());
  }
  return strings;
}

}  // namespace auditql
