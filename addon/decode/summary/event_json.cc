#include "event_json.h"

#include "event_summary.h"
#include "json_writer.h"

namespace auditql {
namespace {

class EventWriter {
 public:
  EventWriter(EventSummary& event, std::string& out) : event_(event), json_(out) {}

  void write() {
    json_.begin_object();
    json_.member("@timestamp", rfc3339(event_.id.time_ns));
    json_.key("sequence");
    json_.number(event_.id.serial);
    json_.member_unless_empty("node", event_.id.node);
    json_.member("category", event_.category);
    json_.member("record_type", event_.type_label);
    json_.member_unless_empty("result", event_.result);
    json_.member("session", event_.session);
    write_list("tags", event_.keys);
    write_summary();
    write_user();
    write_process();
    write_file();
    write_network();
    if (!event_.data.empty()) write_fields("data", event_.data);
    write_paths();
    write_records();
    write_ecs();
    if (event_.partial) {
      json_.key("partial");
      json_.boolean(true);
    }
    write_list("warnings", event_.warnings);
    json_.end_object();
  }

 private:
  void open(const char* name) {
    json_.key(name);
    json_.begin_object();
  }

  void write_fields(const char* name, const FieldMap& fields) {
    json_.key(name);
    write_object(fields);
  }

  void write_object(const FieldMap& fields) {
    json_.begin_object();
    for (const auto& [key, value] : fields) json_.member(key, value);
    json_.end_object();
  }

  void write_objects(std::string_view name, const std::vector<FieldMap>& list) {
    json_.key(name);
    json_.begin_array();
    for (const FieldMap& each : list) write_object(each);
    json_.end_array();
  }

  void write_list(const char* name, const std::vector<std::string>& list) {
    if (list.empty()) return;
    json_.key(name);
    json_.begin_array();
    for (const std::string& each : list) json_.text(each);
    json_.end_array();
  }

  void write_summary() {
    open("summary");
    open("actor");
    json_.member_unless_empty("primary", event_.actor_primary);
    json_.member_unless_empty("secondary", event_.actor_secondary);
    json_.end_object();
    json_.member_unless_empty("action", event_.action);
    open("object");
    json_.member_unless_empty("type", event_.object_type);
    json_.member_unless_empty("primary", event_.object_primary);
    json_.member_unless_empty("secondary", event_.object_secondary);
    json_.end_object();
    json_.member_unless_empty("how", event_.how);
    json_.end_object();
  }

  void write_user() {
    open("user");
    if (!event_.user_ids.empty()) write_fields("ids", event_.user_ids);
    if (!event_.user_label.empty()) write_fields("selinux", event_.user_label);
    json_.end_object();
  }

  /// Moves the caller's own fields out of the data.
  void write_process() {
    static constexpr std::pair<const char*, const char*> kNames[] = {
        {"pid", "pid"},   {"ppid", "ppid"}, {"proctitle", "title"},
        {"comm", "name"}, {"exe", "exe"},   {"cwd", "cwd"}};
    open("process");
    for (const auto& [from, to] : kNames) {
      const auto found = event_.data.find(from);
      if (found == event_.data.end()) continue;
      json_.member_unless_empty(to, found->second);
      event_.data.erase(found);
    }
    write_list("args", event_.args);
    json_.end_object();
  }

  void write_file() {
    if (event_.file.empty() && event_.file_label.empty()) return;
    open("file");
    for (const auto& [key, value] : event_.file) json_.member(key, value);
    if (!event_.file_label.empty()) write_fields("selinux", event_.file_label);
    json_.end_object();
  }

  void write_endpoint(const char* name, const std::optional<Endpoint>& endpoint) {
    if (!endpoint) return;
    open(name);
    json_.member_unless_empty("ip", endpoint->ip);
    json_.member_unless_empty("port", endpoint->port);
    json_.member_unless_empty("path", endpoint->path);
    json_.end_object();
  }

  void write_network() {
    write_endpoint("source", event_.source);
    write_endpoint("destination", event_.destination);
    if (event_.direction.empty()) return;
    open("network");
    json_.member("direction", event_.direction);
    json_.end_object();
  }

  void write_paths() {
    if (!event_.paths.empty()) write_objects("paths", event_.paths);
  }

  void write_records() {
    if (event_.records.empty()) return;
    open("records");
    for (const auto& [type, list] : event_.records) write_objects(type, list);
    json_.end_object();
  }

  void write_entity(const char* name) {
    const auto found = event_.ecs_users.find(name);
    if (found == event_.ecs_users.end()) return;
    json_.member_unless_empty("name", found->second.name);
    json_.member_unless_empty("id", found->second.id);
  }

  void write_ecs() {
    open("ecs");
    open("event");
    json_.member_unless_empty("kind", event_.ecs_kind);
    write_list("category", event_.ecs_category);
    write_list("type", event_.ecs_type);
    json_.member_unless_empty("outcome", event_.ecs_outcome);
    json_.end_object();
    open("user");
    write_entity("user");
    for (const char* role : {"effective", "target", "changes"}) {
      open(role);
      write_entity((std::string("user.") + role).c_str());
      json_.end_object();
    }
    json_.end_object();
    open("group");
    write_entity("group");
    json_.end_object();
    json_.end_object();
  }

  EventSummary& event_;
  JsonWriter json_;
};

}  // namespace

std::string event_json(const RawEvent& event) {
  EventSummary summary = summarize_event(event);
  std::string out;
  EventWriter(summary, out).write();
  return out;
}

}  // namespace auditql
