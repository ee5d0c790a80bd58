#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../raw_event.h"
#include "record_fields.h"

namespace auditql {

/// A user or group of ECS: an id, or a name where the record has no id.
struct EcsEntity {
  std::string id, name;
};

/// Where a connection came from or went to.
struct Endpoint {
  std::string ip, port, path;
};

/// One event summed up from its records: who (actor) did what (action) to what (object) and how,
/// with its ECS categories. Shape and values are those of go-libaudit's aucoalesce.
struct EventSummary {
  EventId id;
  uint16_t type = 0;  ///< of the record that gives the event its name
  std::string type_label;
  std::string category, result = "unknown", session;
  std::vector<std::string> keys;
  std::string actor_primary, actor_secondary, action, how;
  std::string object_type, object_primary, object_secondary;
  FieldMap user_ids, user_label;
  FieldMap data;
  std::vector<FieldMap> paths;
  /// By type, in order of arrival: the records whose type came more than once, and those that say
  /// otherwise than `data`. Each is whole.
  std::map<std::string, std::vector<FieldMap>> records;
  std::vector<std::string> args;
  FieldMap file, file_label;
  std::optional<Endpoint> source, destination;
  std::string direction;  ///< `ingress`, `egress`, or empty
  std::string ecs_kind, ecs_outcome;
  std::vector<std::string> ecs_category, ecs_type;
  std::map<std::string, EcsEntity> ecs_users;  ///< by `user`, `user.effective`, `group`, …
  bool partial = false;
  std::vector<std::string> warnings;  ///< what could not be summed up, in go-libaudit's words
};

/// Is the field a part of an SELinux label, whose parts begin with `prefix` (`subj_user`)? Levels
/// of trust (`subj_trust` of FANOTIFY) and labels of other modules (`subj_apparmor`) are none.
bool is_label_part(std::string_view field, std::string_view prefix);

EventSummary summarize_event(const RawEvent& event);

}  // namespace auditql
