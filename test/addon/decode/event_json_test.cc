#include "decode/summary/event_json.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "check.h"
#include "corpus.h"
#include "decode/summary/normalization.h"
#include "json_reader.h"
#include "parse_record.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct Case {
  std::string name;
  std::vector<std::string> lines;
};

/// `tests:` of the corpus's YAML: `  name: |` (or `>-` and the like), then lines indented by four.
std::vector<Case> cases_of(const std::string& yaml) {
  std::vector<Case> cases;
  for (size_t at = 0; at < yaml.size();) {
    const size_t end = std::min(yaml.find('\n', at), yaml.size());
    const std::string line = yaml.substr(at, end - at);
    at = end + 1;
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (indent == 2 && line[2] != '#') {
      std::string name = line.substr(2, line.find(": |") - 2);
      if (name.front() == '"') name = name.substr(1, name.size() - 2);
      cases.push_back({name, {}});
    } else if (indent >= 4 && indent < line.size() && !cases.empty()) {
      cases.back().lines.push_back(line.substr(indent));
    }
  }
  return cases;
}

RawEvent event_of(const std::vector<std::string>& lines, std::vector<Record>& records) {
  for (const std::string& line : lines) {
    const auto record = parse_log_line(line);
    EXPECT(record.has_value());
    if (record && record->type != 1320) records.push_back(*record);
  }
  return {records.empty() ? EventId{} : records.front().id, records, false};
}

void print_difference(const std::string& where, const Json& found, const Json& expected) {
  if (found == expected) return;
  if (expected.kind != Json::Kind::object || found.kind != Json::Kind::object) {
    std::printf("    %s: expected '%s' (%zu items), found '%s' (%zu items)\n", where.c_str(),
                expected.text.c_str(), expected.items.size(), found.text.c_str(),
                found.items.size());
    return;
  }
  for (const auto& [name, value] : expected.members)
    print_difference(where + "." + name, found.at(name), value);
  for (const auto& [name, value] : found.members) {
    if (!expected.has(name))
      std::printf("    %s.%s: not expected, found '%s'\n", where.c_str(), name.c_str(),
                  value.text.c_str());
  }
}

struct Counts {
  int right = 0, wrong = 0, listed = 0;
};

/// The answers say `info` twice where both the record and its call are that.
void drop_repeats(Json& list) {
  std::vector<Json> once;
  for (const Json& word : list.items) {
    if (std::find(once.begin(), once.end(), word) == once.end()) once.push_back(word);
  }
  list.items = once;
}

void compare_file(const std::string& folder, const std::string& name, Counts& counts) {
  static const WrongAnswers known;
  const Json golden = parse_json(read_file(folder + name + ".json.golden"));
  std::map<std::string, Json> expected;
  for (const Json& each : golden.items) {
    Json& event = expected[each.at("test_name").text] = each.at("event");
    Json& ecs = event.members["ecs"].members["event"];
    for (const char* list : {"category", "type"}) {
      if (ecs.has(list)) drop_repeats(ecs.members[list]);
    }
    if (each.has("warnings")) event.members["warnings"] = each.at("warnings");
  }
  const std::vector<Case> cases = cases_of(read_file(folder + name + ".yaml"));
  EXPECT_EQ(cases.size(), expected.size());
  for (const Case& each : cases) {
    std::vector<Record> records;
    Json found = parse_json(event_json(event_of(each.lines, records)));
    found.members.erase("records");  // the answers have no such thing
    const bool right = expected.count(each.name) != 0 && found == expected[each.name];
    const bool listed = !right && known.contains("aucoalesce", each.name);
    (right ? counts.right : listed ? counts.listed : counts.wrong)++;
    if (right || listed) continue;
    std::printf("  %s: %s\n", name.c_str(), each.name.c_str());
    print_difference("", found, expected.count(each.name) ? expected[each.name] : Json{});
  }
}

void claim_golden() {
  claim("every event of the golden files is summed up alike", [] {
    const std::string folder = corpus_folder() + "/go-libaudit/aucoalesce/";
    Counts counts;
    for (const char* name : {"rhel-7-linux-3.10.0", "ubuntu-16.04-linux-4.13.0",
                             "ubuntu-16.10-linux-4.8.0", "ubuntu-20.04.6-linux-5.15.0-1034-gcp"}) {
      if (is_there(folder + name + ".yaml")) compare_file(folder, name, counts);
    }
    std::printf("  golden events: %d right, %d wrong, %d answers known to be wrong\n", counts.right,
                counts.wrong, counts.listed);
    EXPECT_EQ(counts.wrong, 0);
  });
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at++) count++;
  return count;
}

void claim_list() {
  claim("answers known to be wrong are at most one in a hundred", [] {
    const std::string folder = corpus_folder() + "/go-libaudit/";
    size_t cases = count_of(gunzip(corpus_folder() + "/live/truth-keyed.jsonl.gz"), "\n");
    for (const char* name : {"audit-rhel6", "audit-rhel7", "audit-ubuntu17", "test2"}) {
      cases += count_of(read_file(folder + "auparse/" + name + ".log.golden"), "\"raw_msg\"");
    }
    for (const char* name : {"rhel-7-linux-3.10.0", "ubuntu-16.04-linux-4.13.0",
                             "ubuntu-16.10-linux-4.8.0", "ubuntu-20.04.6-linux-5.15.0-1034-gcp"}) {
      cases += count_of(read_file(folder + "aucoalesce/" + name + ".json.golden"), "\"test_name\"");
    }
    for (const char* name : {"normal", "out_of_order", "rollover"}) {
      cases += count_of(read_file(folder + "reassemble/" + name + ".log"), "type=SYSCALL");
    }
    if (cases == 0) return std::printf("  skipped: no corpus; set AUDITQL_CORPUS\n"), void();
    const size_t wrong = WrongAnswers().size();
    std::printf("  %zu of %zu cases\n", wrong, cases);
    EXPECT(wrong * 100 <= cases);
  });
}

/// One event of the records, as JSON.
Json summed_up(const std::vector<std::pair<std::string, std::string>>& records) {
  std::vector<std::string> lines;
  for (const auto& [type, fields] : records) {
    lines.push_back("type=" + type + " msg=audit(1700000000.100:10): " + fields);
  }
  std::vector<Record> parsed;
  return parse_json(event_json(event_of(lines, parsed)));
}

bool holds(const Json& value, const std::string& text) {
  if (value.text == text) return true;
  const auto in_item = [&](const Json& item) { return holds(item, text); };
  const auto in_member = [&](const auto& member) { return holds(member.second, text); };
  return std::any_of(value.items.begin(), value.items.end(), in_item) ||
         std::any_of(value.members.begin(), value.members.end(), in_member);
}

const std::string kCall =
    "arch=c000003e syscall=62 success=yes exit=0 a0=1 a1=9 a2=0 a3=0 items=0 ppid=900 pid=901 "
    "auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 "
    "comm=\"bash\" exe=\"/usr/bin/bash\" key=\"k\"";

/// Types of which the kernel may write several in one event, and a field that such records have
/// each for themselves (kernel/auditsc.c, and who else calls audit_log_start() with a context).
constexpr std::pair<const char*, const char*> kRepeated[] = {{"OBJ_PID", "opid"},
                                                             {"AVC", "ino"},
                                                             {"TIME_ADJNTPVAL", "new"},
                                                             {"NETFILTER_CFG", "table"},
                                                             {"BPF", "prog-id"},
                                                             {"FANOTIFY", "fan_info"},
                                                             {"INTEGRITY_RULE", "hash"},
                                                             {"MAC_OBJ_CONTEXTS", "obj_apparmor"},
                                                             {"CONFIG_CHANGE", "list"},
                                                             {"URINGOP", "uring_op"},
                                                             {"SYSCALL", "a3"},
                                                             {"SOCKADDR", "saddr"},
                                                             {"CWD", "cwd"},
                                                             {"UNKNOWN[1999]", "x"}};

void claim_repeated_records() {
  claim("of several records of one type all values are in the output, each record whole", [] {
    for (const auto& [type, field] : kRepeated) {
      const auto fields = [&, name = std::string(field)](int n) {
        const std::string number = std::to_string(7000 + n);
        return name + "=\"" + number + "\"" + (n == 1 ? " one=first1" : " two=second2");
      };
      const Json found = summed_up({{"SYSCALL", kCall}, {type, fields(1)}, {type, fields(2)}});
      for (const char* value : {"first1", "second2"}) EXPECT(holds(found, value));
      // Only the record itself has a field of the second.
      EXPECT(!found.at("data").has("two"));
      std::string label(type);
      for (char& c : label) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      const Json& kept = found.at("records").at(label);
      EXPECT_EQ(kept.items.size(), label == "syscall" ? size_t{3} : size_t{2});
      for (const Json& each : kept.items) EXPECT(!(each.has("one") && each.has("two")));
      if (label == "syscall" || label == "sockaddr") continue;
      EXPECT_EQ(kept.items.at(0).at(field).text, "7001");
      EXPECT_EQ(kept.items.at(1).at(field).text, "7002");
    }
  });

  claim("who was killed is told of each, and that the sum has one of them", [] {
    const Json found =
        summed_up({{"SYSCALL", kCall},
                   {"OBJ_PID", "opid=100 oauid=-1 ouid=0 oses=-1 ocomm=\"sshd\""},
                   {"OBJ_PID", "opid=200 oauid=-1 ouid=0 oses=-1 ocomm=\"auditd\""}});
    EXPECT_EQ(found.at("data").at("ocomm").text, "sshd");
    EXPECT_EQ(found.at("records").at("obj_pid").items.at(1).at("ocomm").text, "auditd");
    EXPECT_EQ(found.at("warnings").items.at(1).text, "duplicate key (ocomm) from OBJ_PID message");
  });

  claim("a record that says otherwise than the call is there whole, one that agrees is not", [] {
    const Json other =
        summed_up({{"SYSCALL", kCall}, {"AVC", "apparmor=\"DENIED\" pid=77 comm=\"bash\""}});
    EXPECT_EQ(other.at("process").at("pid").text, "901");
    EXPECT_EQ(other.at("records").at("avc").items.at(0).at("pid").text, "77");
    const Json same =
        summed_up({{"SYSCALL", kCall}, {"AVC", "apparmor=\"DENIED\" pid=901 comm=\"bash\""}});
    EXPECT(!same.has("records"));
  });

  claim("operations of io_uring have no result: theirs is not in their records", [] {
    const std::string operation =
        "uring_op=18 success=yes exit=0 items=0 ppid=1 pid=2 uid=0 key=(null)";
    EXPECT_EQ(summed_up({{"URINGOP", operation}}).at("result").text, "unknown");
    const Json inside = summed_up({{"URINGOP", operation}, {"SYSCALL", kCall}});
    EXPECT_EQ(inside.at("result").text, "unknown");
    EXPECT(!inside.at("data").has("result"));
    EXPECT_EQ(inside.at("process").at("exe").text, "/usr/bin/bash");
  });
}

void claim_categories() {
  claim("no ECS category or type is told twice, whatever record comes with whatever call", [] {
    const auto names = [](std::span<const Normalization> table) {
      std::vector<std::string> all;
      for (const Normalization& each : table) {
        std::string_view list = each.names;
        for (std::string_view name; !(name = next_word(list)).empty();) all.emplace_back(name);
      }
      return all;
    };
    const auto has_twice = [](const Json& list) {
      std::set<std::string> words;
      for (const Json& each : list.items) words.insert(each.text);
      return words.size() != list.items.size();
    };
    int wrong = 0, pairs = 0;
    for (const std::string& type : names(record_normalizations())) {
      for (const std::string& call : names(syscall_normalizations())) {
        // A name stands for the number, as auditd's enriched logs have it.
        const Json found =
            summed_up({{type, "pid=1 seresult=denied apparmor=DENIED"},
                       {"SYSCALL", "arch=c000003e syscall=" + call + " success=yes"}});
        const Json& event = found.at("ecs").at("event");
        pairs++;
        wrong += has_twice(event.at("category")) || has_twice(event.at("type"));
      }
    }
    EXPECT(pairs > 1000);
    EXPECT_EQ(wrong, 0);
    const Json clock =
        summed_up({{"TIME_ADJNTPVAL", "op=freq old=0 new=1"},
                   {"SYSCALL", "arch=c000003e syscall=305 success=yes exit=0 a0=0 items=0 pid=1"}});
    EXPECT_EQ(clock.at("ecs").at("event").at("category").items.size(), size_t{1});
    EXPECT_EQ(clock.at("ecs").at("event").at("type").items.size(), size_t{1});
  });
}

void claim_labels() {
  claim("only the parts of a label are put under selinux", [] {
    const Json trust =
        summed_up({{"FANOTIFY", "resp=2 fan_type=1 fan_info=3137 subj_trust=3 obj_trust=5"}});
    EXPECT_EQ(trust.at("data").at("subj_trust").text, "3");
    EXPECT_EQ(trust.at("data").at("obj_trust").text, "5");
    EXPECT(!trust.at("user").has("selinux"));
    const Json label = summed_up({{"SYSCALL", kCall + " subj=system_u:system_r:init_t:s0:c1"}});
    EXPECT_EQ(label.at("user").at("selinux").members.size(), size_t{5});
    const Json other = summed_up(
        {{"SYSCALL", "arch=c000003e syscall=2 success=yes exit=3 items=1 pid=1"},
         {"PATH",
          "item=0 name=\"/x\" inode=1 mode=0100644 obj=u:r:t:s0 obj_trust=4 nametype=NORMAL"}});
    EXPECT_EQ(other.at("file").at("selinux").members.size(), size_t{4});
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_golden();
  claim_repeated_records();
  claim_categories();
  claim_labels();
  claim_list();
  return run_claims(argc, argv);
}
