#include "summary_normalizer.h"

#include <sys/stat.h>

#include <algorithm>

#include "../audit_names.h"
#include "../field_value.h"
#include "../record_type.h"
#include "normalization.h"

namespace auditql {
namespace {

/// Kind of the file an octal st_mode is of (inode(7)).
std::string_view file_kind(uint64_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "directory";
    case S_IFCHR:
      return "character-device";
    case S_IFBLK:
      return "block-device";
    case S_IFIFO:
      return "named-pipe";
    case S_IFLNK:
      return "symlink";
    case S_IFSOCK:
      return "socket";
    default:
      return "file";
  }
}

/// Says what happened, from what the records hold.
class Summarizer {
 public:
  explicit Summarizer(EventSummary& event) : event_(event) {}

  void summarize() {
    set_default_how();
    const Normalization* call = nullptr;
    if (const std::string* name = find_value(event_.data, "syscall"))
      call = &syscall_normalization(*name);
    const Normalization* used =
        event_.type == record_type::syscall
            ? call
            : record_normalization(record_type_name(event_.type), event_.data);
    if (used == nullptr) return event_.warnings.push_back("no normalization found for event");
    set_categories(*used, used != call ? call : nullptr);
    event_.action = used->action;
    set_object(*used);
    set_first("subject primary", used->actor_primary, event_.actor_primary);
    set_first("subject secondary", used->actor_secondary, event_.actor_secondary);
    set_first("object primary", used->object_primary, event_.object_primary);
    set_first("object secondary", used->object_secondary, event_.object_secondary);
    set_first("how", used->how, event_.how);
    set_source(*used);
    set_ecs_users(*used);
  }

 private:
  /// The program, or for an interpreter most likely the script it runs.
  void set_default_how() {
    const std::string* exe = find_value(event_.data, "exe");
    const std::string* comm = find_value(event_.data, "comm");
    if (exe == nullptr) exe = comm;
    if (exe == nullptr) return;
    event_.how = *exe;
    for (const char* interpreter :
         {"/usr/bin/python", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/perl"}) {
      if (exe->starts_with(interpreter) && comm != nullptr) event_.how = *comm;
    }
  }

  void set_categories(const Normalization& used, const Normalization* call) {
    event_.ecs_kind = used.kind;
    append_words(used.category, event_.ecs_category);
    append_words(used.type, event_.ecs_type);
    if (call == nullptr) return;
    append_words(call->category, event_.ecs_category);
    append_words(call->type, event_.ecs_type);
    if (event_.result == "fail") event_.ecs_outcome = "failure";
  }

  static void append_words(std::string_view list, std::vector<std::string>& to) {
    for (std::string_view word; !(word = next_word(list)).empty();) {
      if (std::find(to.begin(), to.end(), word) == to.end()) to.emplace_back(word);
    }
  }

  void set_object(const Normalization& used) {
    event_.object_type = used.object;
    if (used.object == "file" || used.object == "filesystem") set_file(used.path_index);
    if (used.object != "socket") return;
    const std::string* place = find_value(event_.data, "socket_addr");
    if (place == nullptr) place = find_value(event_.data, "socket_path");
    if (place != nullptr) event_.object_primary = *place;
    if (const std::string* port = find_value(event_.data, "socket_port"))
      event_.object_secondary = *port;
  }

  void set_file(size_t path_index) {
    if (event_.paths.empty()) return;
    const size_t start = path_index < event_.paths.size() ? path_index : 0;
    const FieldMap* path = &event_.paths[start];
    for (size_t i = start; i < event_.paths.size(); i++) {
      const std::string* nametype = find_value(event_.paths[i], "nametype");
      if (nametype != nullptr && (*nametype == "PARENT" || *nametype == "UNKNOWN")) continue;
      path = &event_.paths[i];
      break;
    }
    static constexpr std::pair<const char*, const char*> kNames[] = {
        {"name", "path"}, {"inode", "inode"}, {"rdev", "device"}, {"ouid", "uid"}, {"ogid", "gid"}};
    for (const auto& [from, to] : kNames) {
      if (const std::string* value = find_value(*path, from)) event_.file[to] = *value;
    }
    if (const std::string* name = find_value(*path, "name")) event_.object_primary = *name;
    for (const auto& [name, value] : *path) {
      if (is_label_part(name, "obj_")) event_.file_label[name.substr(4)] = value;
    }
    if (const std::string* mode = find_value(*path, "mode"))
      set_mode(parse_octal(*mode).value_or(0));
  }

  void set_mode(uint64_t mode) {
    std::string digits = "0000";
    for (int i = 3; i >= 0; i--, mode >>= 3) {
      if (i == 3) event_.object_type = file_kind(mode);
      digits[static_cast<size_t>(i)] = static_cast<char>('0' + (mode & 7));
    }
    event_.file["mode"] = digits;
  }

  const std::string* value_of(std::string_view name) const {
    const std::string* value = find_value(event_.data, name);
    return value != nullptr ? value : find_value(event_.user_ids, name);
  }

  void set_first(std::string_view what, std::string_view names, std::string& to) {
    std::string_view list = names;
    for (std::string_view name; !(name = next_word(list)).empty();) {
      const std::string* value = value_of(name);
      if (value == nullptr) continue;
      to = *value;
      return;
    }
    if (!names.empty()) warn_missing(what, names);
  }

  void warn_missing(std::string_view what, std::string_view names) {
    event_.warnings.push_back("failed to set " + std::string(what) + " using keys=[" +
                              std::string(names) + "] because they were not found");
  }

  void set_source(const Normalization& used) {
    if (event_.source || used.source_ip.empty()) return;
    const std::string ip = take_value(event_.data, used.source_ip);
    if (ip.empty()) return warn_missing("source IP", used.source_ip);
    event_.source = Endpoint{ip, {}, {}};
    event_.direction = "ingress";
  }

  void set_ecs_users(const Normalization& used) {
    std::string_view list = used.ecs_users;
    for (std::string_view word; !(word = next_word(list)).empty();) {
      const size_t arrow = word.find('<');
      event_.ecs_users[std::string(word.substr(0, arrow))] =
          entity_of(summary_value(word.substr(arrow + 1)));
    }
  }

  std::string summary_value(std::string_view name) const {
    if (name == "actor.primary") return event_.actor_primary;
    if (name == "actor.secondary") return event_.actor_secondary;
    if (name == "object.primary") return event_.object_primary;
    const std::string* value = find_value(event_.user_ids, name);
    return value == nullptr ? std::string() : *value;
  }

  static EcsEntity entity_of(const std::string& value) {
    if (value.empty() || value == "unset" || value == "4294967295" || value == "-1")
      return {"unset", {}};
    return parse_unsigned(value) ? EcsEntity{value, {}} : EcsEntity{{}, value};
  }

  EventSummary& event_;
};

}  // namespace

void normalize_summary(EventSummary& event) { Summarizer(event).summarize(); }

}  // namespace auditql
