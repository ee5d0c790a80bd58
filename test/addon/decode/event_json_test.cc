#include "decode/event_json.h"

#include <algorithm>

#include "check.h"
#include "corpus.h"
#include "json_reader.h"

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

void compare_file(const std::string& folder, const std::string& name, Counts& counts) {
  static const WrongAnswers known;
  const Json golden = parse_json(read_file(folder + name + ".json.golden"));
  std::map<std::string, const Json*> expected;
  for (const Json& each : golden.items) expected[each.at("test_name").text] = &each.at("event");
  const std::vector<Case> cases = cases_of(read_file(folder + name + ".yaml"));
  EXPECT_EQ(cases.size(), expected.size());
  for (const Case& each : cases) {
    std::vector<Record> records;
    const Json found = parse_json(event_json(event_of(each.lines, records)));
    const bool right = expected.count(each.name) != 0 && found == *expected[each.name];
    const bool listed = !right && known.contains("aucoalesce", each.name);
    (right ? counts.right : listed ? counts.listed : counts.wrong)++;
    if (right || listed) continue;
    std::printf("  %s: %s\n", name.c_str(), each.name.c_str());
    print_difference("", found, expected.count(each.name) ? *expected[each.name] : Json{});
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

}  // namespace

int main(int argc, char** argv) {
  claim_golden();
  claim_list();
  return run_claims(argc, argv);
}
