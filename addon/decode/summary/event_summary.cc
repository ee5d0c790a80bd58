#include "event_summary.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "../execve_arguments.h"
#include "../field_value.h"
#include "../record_type.h"
#include "event_category.h"
#include "summary_normalizer.h"

namespace auditql {
namespace {

/// Reads the records of an event into the summary, before anything is made of them.
class RecordCollector {
 public:
  RecordCollector(const RawEvent& event, EventSummary& out) : event_(event), out_(out) {}

  void collect() {
    const Record& first = event_.records.front();
    const Record* call = first_call();
    out_.id = first.id;
    out_.partial = event_.partial;
    out_.type = first.type;
    out_.type_label = record_type_label(first);
    out_.category = event_category(first.type);
    const Record& main = call != nullptr ? *call : first;
    add_main(main);
    // Success of an io_uring operation says that it was completed, not how (io_issue_sqe() of
    // io_uring/io_uring.c); that of the call is io_uring_enter(2)'s.
    if (first.type == record_type::uringop) out_.result = "unknown";
    if (event_.records.size() == 1) return;
    out_.data.erase("items");
    seen_.insert(record_type_label(main));
    for (const Record& each : event_.records) {
      if (&each != &main) add_other(each);
    }
    add_whole_records();
    add_arguments();
  }

 private:
  const Record* first_call() const {
    const auto is_call = [](const Record& each) { return each.type == record_type::syscall; };
    const auto found = std::find_if(event_.records.begin(), event_.records.end(), is_call);
    return found == event_.records.end() ? nullptr : &*found;
  }

  /// The record that says who did it: SYSCALL, or the only one.
  void add_main(const Record& record) {
    RecordFields fields = read_record_fields(record);
    out_.keys = std::move(fields.keys);
    if (find_value(fields.values, "result") != nullptr)
      out_.result = take_value(fields.values, "result");
    out_.session = take_value(fields.values, "ses");
    for (auto& [name, value] : fields.values) {
      if (name == "auid") out_.actor_primary = value;
      if (name == "uid") out_.actor_secondary = value;
      if (name.ends_with("uid") || name.ends_with("gid")) {
        out_.user_ids[name] = std::move(value);
      } else if (is_label_part(name, "subj_")) {
        out_.user_label[name.substr(5)] = std::move(value);
      } else {
        out_.data[name] = std::move(value);
      }
    }
  }

  void add_other(const Record& record) {
    if (record.type == record_type::execve) return;
    FieldMap values = read_record_fields(record).values;
    if (record.type == record_type::path) return out_.paths.push_back(std::move(values));
    // Of the first attempt: an operation that would block is done later. The call's own is not its
    // result either.
    if (record.type == record_type::uringop) values.erase("result");
    const std::string label = record_type_label(record);
    const bool is_first = seen_.insert(label).second;
    if (!is_first) whole_.insert(label);
    if (record.type != record_type::sockaddr) return add_fields(values, label, is_first);
    if (is_first) add_address(values);
  }

  /// What the call said first stays. Fields of two records of one type are never mixed.
  void add_fields(const FieldMap& values, const std::string& label, bool is_first) {
    for (const auto& [name, value] : values) {
      const std::string* const known = find_value(out_.data, name);
      if (known == nullptr) {
        if (is_first) out_.data[name] = value;
        continue;
      }
      out_.warnings.push_back("duplicate key (" + name + ") from " + upper(label) + " message");
      if (*known != value) whole_.insert(label);
    }
  }

  void add_whole_records() {
    for (const Record& each : event_.records) {
      const std::string label = record_type_label(each);
      if (whole_.count(label) == 0) continue;
      RecordFields fields = read_record_fields(each);
      for (const std::string& key : fields.keys) {
        std::string& keys = fields.values["key"];
        keys += (keys.empty() ? "" : ",") + key;
      }
      out_.records[label].push_back(std::move(fields.values));
    }
  }

  static std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  void add_address(const FieldMap& address) {
    for (const auto& [name, value] : address) out_.data["socket_" + name] = value;
    const std::string* call = find_value(out_.data, "syscall");
    if (call == nullptr) return;
    const auto is_one_of = [call](std::initializer_list<std::string_view> names) {
      return std::find(names.begin(), names.end(), *call) != names.end();
    };
    if (is_one_of({"recvfrom", "recvmsg", "accept", "accept4"})) {
      set_endpoint(address, out_.source, "ingress");
    } else if (is_one_of({"connect", "sendto", "sendmsg"})) {
      set_endpoint(address, out_.destination, "egress");
    }
  }

  void set_endpoint(const FieldMap& address, std::optional<Endpoint>& endpoint,
                    const char* direction) {
    out_.direction = direction;
    Endpoint found;
    const auto copy = [&address](const char* name, std::string& to) {
      if (const std::string* value = find_value(address, name)) to = *value;
    };
    copy("addr", found.ip);
    copy("port", found.port);
    copy("path", found.path);
    if (!found.ip.empty() || !found.port.empty() || !found.path.empty()) endpoint = found;
  }

  void add_arguments() {
    ExecveArguments arguments;
    arguments.clear();
    size_t bytes = 0;
    for (const Record& each : event_.records) {
      if (each.type != record_type::execve) continue;
      arguments.add_record(each.body);
      bytes += each.body.size();
    }
    if (!arguments.has_records()) return;
    ByteArena arena;
    arena.reset(bytes);
    arguments.decode(arena);
    out_.args.assign(arguments.arguments().begin(), arguments.arguments().end());
    out_.data["argc"] = std::to_string(arguments.count());
  }

  const RawEvent& event_;
  EventSummary& out_;
  std::set<std::string> seen_;   ///< types whose first record was taken
  std::set<std::string> whole_;  ///< types whose records are shown whole, too
};

}  // namespace

bool is_label_part(std::string_view field, std::string_view prefix) {
  if (!field.starts_with(prefix)) return false;
  field.remove_prefix(prefix.size());
  return field == "user" || field == "role" || field == "domain" || field == "level" ||
         field == "category";
}

EventSummary summarize_event(const RawEvent& event) {
  EventSummary summary;
  if (event.records.empty()) return summary;
  RecordCollector(event, summary).collect();
  normalize_summary(summary);
  std::sort(summary.warnings.begin(), summary.warnings.end());
  return summary;
}

}  // namespace auditql
