#include "record_json.h"

#include "../enriched_reader.h"
#include "json_writer.h"
#include "record_fields.h"

namespace auditql {
namespace {

void write_fields(JsonWriter& json, const FieldMap& values) {
  json.begin_object();
  for (const auto& [name, value] : values) json.member(name, value);
  json.end_object();
}

/// What auditd resolved when it wrote the log: `UID="root"`, `SYSCALL=connect`.
void write_enriched(JsonWriter& json, std::string_view enriched) {
  json.key("enriched");
  json.begin_object();
  EnrichedReader reader(enriched);
  for (Field field; reader.next(field);) {
    const bool quoted =
        field.value.size() >= 2 && field.value.front() == '"' && field.value.back() == '"';
    json.member(field.name, quoted ? field.value.substr(1, field.value.size() - 2) : field.value);
  }
  json.end_object();
}

}  // namespace

std::string record_json(const Record& record) {
  const RecordFields fields = read_record_fields(record);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("@timestamp", rfc3339(record.id.time_ns));
  json.member("record_type", record_type_label(record));
  json.key("sequence");
  json.number(record.id.serial);
  json.member_unless_empty("node", record.id.node);
  json.member("raw_msg", record.text);
  if (!fields.keys.empty()) {
    json.key("keys");
    json.begin_array();
    for (const std::string& each : fields.keys) json.text(each);
    json.end_array();
  }
  json.key("data");
  write_fields(json, fields.values);
  if (!record.enriched.empty()) write_enriched(json, record.enriched);
  json.end_object();
  return out;
}

}  // namespace auditql
