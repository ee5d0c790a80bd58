#pragma once

#include <napi.h>

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace auditql {

/// One field of an object that JavaScript hands over, and the member that it fills.
template <typename Struct>
struct JsField {
  const char* name;
  bool optional;  ///< undefined and null leave the member as it is
  /// False when the value has a type that the member cannot take.
  bool (*read)(const Napi::Value& value, Struct& into);
};

/// The table of fields of one struct, and the only place that names them in C++. Specialised with
/// `type`, the name of the struct's type in src/, and `all`. With `others` = true further fields of
/// the object are ignored; without it they are an error. test/native/bridge_fields.test.ts compares
/// each table with its type.
template <typename Struct>
struct JsFields;

template <typename Struct>
concept HasJsFields = requires {
  JsFields<Struct>::all;
};

template <HasJsFields Struct>
void read_fields(const Napi::Object& given, Struct& into);

/// Reads a value as the type of `into`; false when it has another type. Negative numbers are 0.
template <typename T>
bool read_js(const Napi::Value& value, T& into) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (!value.IsString()) return false;
    into = value.As<Napi::String>().Utf8Value();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.IsBoolean()) return false;
    into = value.As<Napi::Boolean>().Value();
  } else if constexpr (std::is_integral_v<T>) {
    if (!value.IsNumber()) return false;
    const double number = value.As<Napi::Number>().DoubleValue();
    into = number > 0 ? static_cast<T>(number) : 0;
  } else {
    static_assert(HasJsFields<T>, "needs a JsFields table, or a reader of its own: field_by");
    if (!value.IsObject()) return false;
    read_fields(value.As<Napi::Object>(), into);
  }
  return true;
}

template <typename T>
bool read_js(const Napi::Value& value, std::optional<T>& into) {
  return read_js(value, into.emplace());
}

template <typename T>
bool read_js(const Napi::Value& value, std::vector<T>& into) {
  if (!value.IsArray()) return false;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    if (!read_js(array.Get(i), into.emplace_back())) return false;
  }
  return true;
}

/// An object of any names, each with the same type of value.
template <typename T, typename Order>
bool read_js(const Napi::Value& value, std::map<std::string, T, Order>& into) {
  if (!value.IsObject()) return false;
  for (const auto& [name, member] : value.As<Napi::Object>()) {
    if (!read_js(Napi::Value(member), into[name.ToString().Utf8Value()])) return false;
  }
  return true;
}

template <typename Member>
struct MemberOwner;
template <typename Struct, typename T>
struct MemberOwner<T Struct::*> {
  using type = Struct;
};
template <auto Member>
using OwnerOf = typename MemberOwner<decltype(Member)>::type;

/// A field that fills a member and must be given.
template <auto Member>
constexpr JsField<OwnerOf<Member>> field(const char* name) {
  return {name, false, [](const Napi::Value& value, OwnerOf<Member>& into) {
            return read_js(value, into.*Member);
          }};
}

/// A field that may be absent or null: the member then keeps its default.
template <auto Member>
constexpr JsField<OwnerOf<Member>> optional_field(const char* name) {
  return {name, true, field<Member>(name).read};
}

template <typename Reader>
struct ReaderOwner;
template <typename Struct>
struct ReaderOwner<bool (*)(const Napi::Value&, Struct&)> {
  using type = Struct;
};

/// A field with a reader of its own.
template <auto Read>
constexpr JsField<typename ReaderOwner<decltype(Read)>::type> field_by(const char* name) {
  return {name, false, Read};
}
template <auto Read>
constexpr JsField<typename ReaderOwner<decltype(Read)>::type> optional_field_by(const char* name) {
  return {name, true, Read};
}

/// Throws a TypeError: `TYPE.NAME PROBLEM`.
[[noreturn]] inline void throw_field_error(Napi::Env env, const char* type, const std::string& name,
                                           const char* problem) {
  throw Napi::TypeError::New(env, std::string(type) + "." + name + " " + problem);
}

template <typename Struct>
void refuse_unknown_fields(const Napi::Object& given) {
  const Napi::Array names = given.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    bool known = false;
    for (const auto& field : JsFields<Struct>::all) known = known || name == field.name;
    if (!known) throw_field_error(given.Env(), JsFields<Struct>::type, name, "is unknown");
  }
}

/// Fills `into` from an object. Throws a TypeError with the name of a field that is missing,
/// unknown, or of another type.
template <HasJsFields Struct>
void read_fields(const Napi::Object& given, Struct& into) {
  using Fields = JsFields<Struct>;
  uint32_t present = 0;
  for (const JsField<Struct>& field : Fields::all) {
    const Napi::Value value = given.Get(field.name);
    present += value.IsUndefined() ? 0 : 1;
    if (field.optional && (value.IsUndefined() || value.IsNull())) continue;
    if (value.IsUndefined()) throw_field_error(given.Env(), Fields::type, field.name, "is missing");
    if (!field.read(value, into)) {
      throw_field_error(given.Env(), Fields::type, field.name, "has another type");
    }
  }
  if constexpr (!requires { Fields::others; }) {
    // The common case costs no comparison of names.
    if (given.GetPropertyNames().Length() != present) refuse_unknown_fields<Struct>(given);
  }
}

/// The same for a value that must be an object.
template <HasJsFields Struct>
Struct fields_of(const Napi::Value& value) {
  Struct read;
  if (!value.IsObject()) {
    throw Napi::TypeError::New(value.Env(),
                               std::string(JsFields<Struct>::type) + " is not an object");
  }
  read_fields(value.As<Napi::Object>(), read);
  return read;
}

}  // namespace auditql
