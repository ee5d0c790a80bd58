#include "../tables/cpuid.h"
#include "../tables/extended_attributes.h"
#include "../tables/file_magic.h"
#include "../tables/name_service.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

/// A path is text, or bytes where it is no UTF-8.
std::string path_of(const Napi::Value& value) {
  if (!value.IsTypedArray()) return value.ToString().Utf8Value();
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

/// The databases that were used last stay loaded.
FileMagic* loaded_magic(const std::string& databases) {
  thread_local std::unique_ptr<FileMagic> magic;
  if (magic == nullptr || magic->databases() != databases) magic = FileMagic::open(databases);
  return magic.get();
}

Napi::Value describe_file(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  FileMagic* magic = loaded_magic(call[1].ToString().Utf8Value());
  if (magic == nullptr) return env.Null();
  const auto description = call[0].IsNumber()
                               ? magic->describe(call[0].As<Napi::Number>().Int32Value())
                               : magic->describe(path_of(call[0]));
  if (!description) return env.Null();
  return js_object(env, {{"data", js_string(env, description->data)},
                         {"mimeType", js_string(env, description->mime_type)},
                         {"mimeEncoding", js_string(env, description->mime_encoding)}});
}

Napi::Value cpuid_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto registers = cpuid(call[0].ToNumber().Uint32Value(), call[1].ToNumber().Uint32Value());
  if (!registers) return env.Null();
  Napi::Array array = Napi::Array::New(env, registers->size());
  for (uint32_t i = 0; i < registers->size(); i++) array.Set(i, js_number(env, (*registers)[i]));
  return array;
}

Napi::Value extended_attributes_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  Napi::Array array = Napi::Array::New(env);
  for (const auto& [key, value] : extended_attributes(path_of(call[0]))) {
    array.Set(
        array.Length(),
        js_object(env, {{"key", js_string(env, key)},
                        {"value", Napi::Buffer<uint8_t>::Copy(env, value.data(), value.size())}}));
  }
  return array;
}

std::vector<Account> accounts_for(const Napi::Value& keys) {
  if (!keys.IsArray()) return all_accounts();
  std::vector<Account> accounts;
  const auto list = keys.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Value key = list.Get(i);
    auto account = key.IsNumber() ? account_of(key.As<Napi::Number>().Uint32Value())
                                  : account_named(key.ToString().Utf8Value());
    if (account) accounts.push_back(std::move(*account));
  }
  return accounts;
}

Napi::Value accounts_of(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  Napi::Array array = Napi::Array::New(env);
  for (const Account& account : accounts_for(call[0])) {
    array.Set(array.Length(), js_object(env, {{"name", js_string(env, account.name)},
                                              {"uid", js_number(env, account.uid)},
                                              {"gid", js_number(env, account.gid)},
                                              {"description", js_string(env, account.description)},
                                              {"home", js_string(env, account.home)},
                                              {"shell", js_string(env, account.shell)}}));
  }
  return array;
}

}  // namespace

Napi::Object table_sources(Napi::Env env) {
  Napi::Object sources = Napi::Object::New(env);
  sources.Set("describeFile", Napi::Function::New<describe_file>(env));
  sources.Set("cpuid", Napi::Function::New<cpuid_of>(env));
  sources.Set("extendedAttributes", Napi::Function::New<extended_attributes_of>(env));
  sources.Set("accounts", Napi::Function::New<accounts_of>(env));
  sources.Set("packetFilterRules", Napi::Function::New<packet_filter_rules_of>(env));
  sources.Set("openSocket", Napi::Function::New<open_socket>(env));
  sources.Set("compileYaraRules", Napi::Function::New<compile_yara_rules>(env));
  return sources;
}

}  // namespace auditql
