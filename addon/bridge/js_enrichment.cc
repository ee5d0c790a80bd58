#include <algorithm>
#include <deque>

#include "../pipeline/engine.h"
#include "../store/generated/event_tables.h"
#include "bridge.h"
#include "js_values.h"

namespace auditql {

namespace {

const TableSpec* fact_table(std::string_view name) {
  for (const TableSpec* spec : kEventTables) {
    for (const ColumnSpec& column : spec->columns) {
      if (column.facts != nullptr && column.facts->name == name) return column.facts;
    }
  }
  return nullptr;
}

size_t stored_column(Napi::Env env, const TableSpec& spec, const std::string& name) {
  for (size_t i = 0; i < spec.columns.size(); i++) {
    if (spec.columns[i].name == name && spec.columns[i].storage != Storage::absent) return i;
  }
  const std::string message = std::string(spec.name) + " does not store the column " + name;
  throw_error(env, {"table_unknown", message, 0});
}

void set_cell(Row& row, size_t column, const Napi::Value& value, std::deque<std::string>& texts) {
  if (value.IsString()) {
    row.set(column, std::string_view(texts.emplace_back(value.As<Napi::String>().Utf8Value())));
  } else if (value.IsBuffer()) {
    const auto bytes = value.As<Napi::Buffer<char>>();
    row.set(column, std::string_view(texts.emplace_back(bytes.Data(), bytes.Length())));
  } else if (value.IsBigInt()) {
    bool whole = false;
    row.set_signed(column, value.As<Napi::BigInt>().Int64Value(&whole));
  } else if (value.IsNumber()) {
    row.set_signed(column, value.As<Napi::Number>().Int64Value());
  }
}

Napi::Value js_bytes(Napi::Env env, const void* data, size_t size) {
  return Napi::Buffer<char>::Copy(env, static_cast<const char*>(data), size);
}

Napi::Value executable_of(Napi::Env env, ExecutableRequest& request) {
  const FileState& file = request.file;
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", js_bytes(env, request.id.data(), request.id.size()));
  object.Set("path", js_bytes(env, request.path.data(), request.path.size()));
  object.Set("device", js_string(env, std::to_string(file.device_major) + ":" +
                                          std::to_string(file.device_minor)));
  object.Set("inode", Napi::BigInt::New(env, file.inode));
  object.Set("size", js_number(env, file.size));
  object.Set("mtimeNs", Napi::BigInt::New(env, file.mtime_ns));
  object.Set("ctimeNs", Napi::BigInt::New(env, file.ctime_ns));
  object.Set("timeNs", Napi::BigInt::New(env, request.time_ns));
  object.Set("byProcess", Napi::Boolean::New(env, request.by_process));
  object.Set("heldFd", request.held ? Napi::Number::New(env, request.held.release())
                                    : env.Null().As<Napi::Value>());
  return object;
}

Napi::Value container_of(Napi::Env env, ContainerRequest& request) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", js_string(env, request.origin.id));
  object.Set("runtime", js_string(env, request.origin.runtime));
  object.Set("podUid", js_string(env, request.origin.pod_uid));
  object.Set("timeNs", Napi::BigInt::New(env, request.time_ns));
  return object;
}

template <typename Request>
Napi::Value array_of(Napi::Env env, std::vector<Request> requests,
                     Napi::Value (*make)(Napi::Env, Request&)) {
  Napi::Array array = Napi::Array::New(env, requests.size());
  for (uint32_t i = 0; i < requests.size(); i++) array.Set(i, make(env, requests[i]));
  return array;
}

}  // namespace

Napi::Value executable_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit) {
  return array_of(env, queue.take_executables(limit), executable_of);
}

Napi::Value container_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit) {
  return array_of(env, queue.take_containers(limit), container_of);
}

Napi::Value store_fact(Napi::Env env, Engine& engine, const std::string& table,
                       const Napi::Object& given) {
  const TableSpec* spec = fact_table(table);
  if (spec == nullptr) throw_error(env, {"table_unknown", "facts are not stored in " + table, 0});
  Row row;
  std::deque<std::string> texts;
  for (const auto& [name, value] : given) {
    set_cell(row, stored_column(env, *spec, name.ToString().Utf8Value()), Napi::Value(value),
             texts);
  }
  return js_number(env, engine.table(table)->append(row));
}

}  // namespace auditql
