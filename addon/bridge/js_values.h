#pragma once

#include <napi.h>

#include <initializer_list>
#include <optional>
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

/// A string property, or `otherwise` when it is absent.
inline std::string string_property(const Napi::Object& object, const char* name,
                                   std::string otherwise = {}) {
  const Napi::Value value = object.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : otherwise;
}

/// A string property; absent where it is no string.
inline std::optional<std::string> optional_string(const Napi::Object& object, const char* name) {
  if (!object.Get(name).IsString()) return std::nullopt;
  return object.Get(name).As<Napi::String>().Utf8Value();
}

/// A property that is a 32-bit number; absent where it is none.
inline std::optional<uint32_t> optional_number(const Napi::Object& object, const char* name) {
  if (!object.Get(name).IsNumber()) return std::nullopt;
  return object.Get(name).As<Napi::Number>().Uint32Value();
}

/// A new object with these members.
inline Napi::Object js_object(Napi::Env env,
                              std::initializer_list<std::pair<const char*, Napi::Value>> members) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : members) object.Set(name, value);
  return object;
}

/// A non-negative integer property, or `otherwise` when it is absent.
inline uint64_t number_property(const Napi::Object& object, const char* name,
                                uint64_t otherwise = 0) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) return otherwise;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number > 0 ? static_cast<uint64_t>(number) : 0;
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
