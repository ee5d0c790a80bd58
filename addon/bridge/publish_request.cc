#include "../pipeline/engine.h"
#include "bridge.h"
#include "js_fields.h"

namespace auditql {

template <>
struct JsFields<PathCategory> {
  static constexpr const char* type = "WatchedCategory";
  static constexpr JsField<PathCategory> all[] = {
      field<&PathCategory::name>("name"),
      field<&PathCategory::paths>("paths"),
      field<&PathCategory::with_accesses>("withAccesses"),
  };
};

template <>
struct JsFields<CategorySignatures::Source> {
  static constexpr const char* type = "SignatureSource";
  static constexpr JsField<CategorySignatures::Source> all[] = {
      field<&CategorySignatures::Source::name>("name"),
      field<&CategorySignatures::Source::text>("text"),
  };
};

template <>
struct JsFields<CategorySignatures> {
  static constexpr const char* type = "CategorySignatures";
  static constexpr JsField<CategorySignatures> all[] = {
      field<&CategorySignatures::category>("category"),
      field<&CategorySignatures::sources>("sources"),
  };
};

template <>
struct JsFields<FileOptions> {
  static constexpr const char* type = "FileEventOptions";
  static constexpr JsField<FileOptions> all[] = {
      field<&FileOptions::signatures>("signatures"),
      field<&FileOptions::max_hash_bytes>("maxHashBytes"),
  };
};

template <>
struct JsFields<SyslogOptions> {
  static constexpr const char* type = "SyslogOptions";
  static constexpr JsField<SyslogOptions> all[] = {
      field<&SyslogOptions::pipe_path>("pipePath"),
      field<&SyslogOptions::max_lines_per_turn>("maxLinesPerTurn"),
  };
};

template <>
struct JsFields<DeviceOptions> {
  static constexpr const char* type = "DeviceOptions";
  static constexpr JsField<DeviceOptions> all[] = {
      field<&DeviceOptions::disabled_types>("disabledTypes"),
  };
};

namespace {

/// A member of the sources of a request.
template <auto Member>
bool read_source(const Napi::Value& value, EnginePublishing& into) {
  return read_js(value, into.sources.*Member);
}

}  // namespace

template <>
struct JsFields<EnginePublishing> {
  static constexpr const char* type = "PublishOptions";
  static constexpr JsField<EnginePublishing> all[] = {
      field<&EnginePublishing::categories>("categories"),
      field<&EnginePublishing::excludes>("excludes"),
      optional_field_by<&read_source<&PublishRequest::files>>("fileEvents"),
      field<&EnginePublishing::process_file_events>("processFileEvents"),
      optional_field_by<&read_source<&PublishRequest::syslog>>("syslog"),
      optional_field_by<&read_source<&PublishRequest::devices>>("devices"),
  };
};

EnginePublishing publish_request_of(const Napi::Value& given) {
  return fields_of<EnginePublishing>(given);
}

}  // namespace auditql
