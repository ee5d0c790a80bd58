#include "decode/summary/record_json.h"

#include <algorithm>

#include "check.h"
#include "corpus.h"
#include "decode/summary/json_writer.h"
#include "decode/summary/record_fields.h"
#include "json_reader.h"
#include "parse_record.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void print_difference(const Json& found, const Json& expected) {
  for (const auto& [name, value] : expected.members) {
    if (!(found.at(name) == value))
      std::printf("    %s: expected %s, found %s\n", name.c_str(), value.text.c_str(),
                  found.at(name).text.c_str());
  }
  for (const auto& [name, value] : found.members) {
    if (!expected.has(name))
      std::printf("    %s: found %s, not expected\n", name.c_str(), value.text.c_str());
  }
}

struct Counts {
  int right = 0, wrong = 0;
};

void compare_file(const std::string& path, Counts& counts) {
  const std::vector<std::string> lines = lines_of(read_file(path));
  const Json golden = parse_json(read_file(path + ".golden"));
  EXPECT_EQ(golden.items.size(), lines.size());
  for (size_t i = 0; i < std::min(lines.size(), golden.items.size()); i++) {
    const auto record = parse_log_line(lines[i]);
    const Json found = record ? parse_json(record_json(*record)) : Json{};
    const bool right = found == golden.items[i];
    (right ? counts.right : counts.wrong)++;
    if (right) continue;
    std::printf("  %s line %zu\n", path.c_str(), i + 1);
    print_difference(found, golden.items[i]);
    print_difference(found.at("data"), golden.items[i].at("data"));
  }
}

void claim_golden() {
  claim("every record of the golden logs gives type, time, serial and every field", [] {
    const std::string folder = corpus_folder() + "/go-libaudit/auparse/";
    Counts counts;
    for (const char* name :
         {"audit-rhel6", "audit-rhel7", "audit-ubuntu14", "audit-ubuntu17", "test2"}) {
      if (is_there(folder + name + ".log")) compare_file(folder + name + ".log", counts);
    }
    std::printf("  golden records: %d right, %d wrong\n", counts.right, counts.wrong);
    EXPECT_EQ(counts.wrong, 0);
  });
}

Json json_of(const std::string& line) {
  const auto record = parse_log_line(line);
  EXPECT(record.has_value());
  return record ? parse_json(record_json(*record)) : Json{};
}

void claim_hard_fields() {
  claim("hex comm and key are text", [] {
    const Json data = json_of(
        "type=SYSCALL msg=audit(1.5:1): arch=40000003 syscall=11 success=no exit=-2 "
        "comm=6576696C206E616D65 key=6101FF");
    EXPECT_EQ(data.at("data").at("comm").text, "evil name");
    EXPECT_EQ(data.at("data").at("syscall").text, "execve");
    EXPECT_EQ(data.at("data").at("exit").text, "ENOENT");
    EXPECT_EQ(data.at("keys").items.at(1).text, "\\xFF");
    EXPECT_EQ(data.at("@timestamp").text, "1970-01-01T00:00:01.5Z");
  });
  claim("hex of AppArmor's profiles and of what user space encodes is text", [] {
    const Json profile = json_of(
        "type=AVC msg=audit(1500000000.001:9): apparmor=\"DENIED\" operation=\"open\" "
        "profile=2F6F70742F612062 name=2F746D702F78 pid=5 comm=\"a\" peer=6220634142");
    EXPECT_EQ(profile.at("data").at("profile").text, "/opt/a b");
    EXPECT_EQ(profile.at("data").at("peer").text, "b cAB");
    const Json update = json_of(
        "type=SOFTWARE_UPDATE msg=audit(1500000000.001:10): pid=5 uid=0 auid=0 ses=1 "
        "msg='op=install sw=6B65726E656C20362E31 sw_type=rpm root_dir=\"/\" res=success'");
    EXPECT_EQ(update.at("data").at("sw").text, "kernel 6.1");
    EXPECT_EQ(update.at("data").at("root_dir").text, "/");
    const Json resource = json_of(
        "type=VIRT_RESOURCE msg=audit(1500000000.001:11): pid=5 uid=0 auid=0 ses=1 "
        "msg='resrc=disk reason=start vm=\"a\" old-disk=\"?\" new-disk=2F7661722F612062'");
    EXPECT_EQ(resource.at("data").at("new-disk").text, "/var/a b");
    EXPECT(!resource.at("data").has("old-disk"));
  });

  claim("AppArmor's labels are whole, the caller's as the file's", [] {
    const Json call = json_of(
        "type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=59 comm=\"a\" "
        "subj=snap.lxd.daemon (enforce) key=(null)");
    EXPECT_EQ(call.at("data").at("subj_user").text, "snap.lxd.daemon (enforce)");
    const Json path =
        json_of("type=PATH msg=audit(1.0:1): item=0 obj=x (complain) nametype=NORMAL");
    EXPECT_EQ(path.at("data").at("obj_user").text, "x (complain)");
    EXPECT_EQ(path.at("data").at("nametype").text, "NORMAL");
  });
  claim("the marks of sentences are no part of values", [] {
    const auto values_of = [](const std::string& body) {
      const std::string line = "type=USER_AVC msg=audit(1.0:1): " + body;
      return read_record_fields(*parse_log_line(line)).values;
    };
    const auto policy =
        values_of("pid=1 msg='avc:  received policyload notice (seqno=96) exe=\"/a)\"'");
    EXPECT_EQ(policy.at("seqno"), "96");
    EXPECT_EQ(policy.at("exe"), "/a)");
    const auto login = values_of(
        "user pid=2027 msg='uid=848: exe=\"/bin/login\" (hostname=a, addr=::, terminal=tty3)'");
    EXPECT_EQ(login.at("uid"), "848");
    EXPECT_EQ(login.at("hostname"), "a");
    EXPECT_EQ(login.at("addr"), "::");
    EXPECT_EQ(login.at("terminal"), "tty3");
    EXPECT_EQ(values_of("tty=(none) name=\"a,\" x=: y=, z=fe80::").at("z"), "fe80::");
    EXPECT_EQ(values_of("tty=(none) name=\"a,\"").at("name"), "a,");
    EXPECT_EQ(values_of("tty=(none)").at("tty"), "(none)");
    EXPECT(!values_of("addr=?)").contains("addr"));
  });
  claim("a record of a type that nobody numbered has its name and its fields", [] {
    const Json record = json_of("type=NEW_KIND msg=audit(1.0:1): pid=5 comm=6120");
    EXPECT_EQ(record.at("record_type").text, "new_kind");
    EXPECT_EQ(record.at("data").at("comm").text, "a ");
    EXPECT_EQ(json_of("type=70000 msg=audit(1.0:1): a=1").at("record_type").text, "70000");
    EXPECT_EQ(json_of("type=1999 msg=audit(1.0:1): a=1").at("record_type").text, "unknown[1999]");
  });

  claim("empty, quoted and spaced arguments stay as they are", [] {
    const Json data = json_of(
                          "type=EXECVE msg=audit(1.0:1): argc=5 a0=\"\" a1=\"'q'\" a2=\" x \" "
                          "a3=\"?\" a4=\"b\\\"")
                          .at("data");
    EXPECT_EQ(data.at("a0").text, "");
    EXPECT(data.has("a0"));
    EXPECT_EQ(data.at("a1").text, "'q'");
    EXPECT_EQ(data.at("a2").text, " x ");
    EXPECT_EQ(data.at("a3").text, "?");
    EXPECT_EQ(data.at("a4").text, "b\\");
  });
  claim("the length of an argument in pieces is a number, its pieces are text", [] {
    const auto values =
        read_record_fields(
            *parse_log_line("type=EXECVE msg=audit(1.0:1): argc=2 a0=4142 a1_len=7500 a1[0]=4344"))
            .values;
    EXPECT_EQ(values.at("a0"), "AB");
    EXPECT_EQ(values.at("a1_len"), "7500");
    EXPECT_EQ(values.at("a1[0]"), "CD");
  });
  claim("a number is cut from what a lost separator glued to it, and nothing else is", [] {
    const auto values =
        read_record_fields(*parse_log_line("type=PATH msg=audit(1.0:1): item=0 name=\"a\" ouid=0"
                                           " ogid=12OGID=\"root\" x=0A=1 y=5ABC z=A=5"))
            .values;
    EXPECT_EQ(values.at("ouid"), "0");
    EXPECT_EQ(values.at("ogid"), "12");
    EXPECT_EQ(values.at("x"), "0");
    EXPECT_EQ(values.at("y"), "5ABC");
    EXPECT_EQ(values.at("z"), "A=5");
  });
  claim("addresses of every family are named", [] {
    const auto of = [](const std::string& hex) {
      return json_of("type=SOCKADDR msg=audit(1.0:1): saddr=" + hex).at("data");
    };
    EXPECT_EQ(of("280000000F2700000100000000000000").at("family").text, "vsock");
    EXPECT_EQ(of("010000616263").at("path").text, std::string("\0abc", 4));
    EXPECT_EQ(of("0A0010E2FFFFFFFF0000000000000000000000000000000101000000").at("flow").text,
              "4294967295");
    EXPECT_EQ(of("02").at("saddr").text, "02");
  });
  claim("addresses of machines of the other byte order are read in theirs", [] {
    const Json record = json_of(
        "type=SOCKADDR msg=audit(1500000000.001:9): saddr=0002D903C0000201000000000000000000");
    EXPECT_EQ(record.at("data").at("family").text, "ipv4");
    EXPECT_EQ(record.at("data").at("addr").text, "192.0.2.1");
    EXPECT_EQ(record.at("data").at("port").text, "55555");
  });

  claim("what auditd resolved is kept apart", [] {
    const Json found = json_of(
        "type=LOGIN msg=audit(1.0:1): pid=1 uid=0 old-auid=4294967295 auid=0 res=1\x1dUID=\"root\" "
        "AUID=\"root\"");
    EXPECT_EQ(found.at("enriched").at("UID").text, "root");
    EXPECT_EQ(found.at("data").at("old-auid").text, "unset");
    EXPECT_EQ(found.at("data").at("result").text, "success");
  });

  claim("values that auditd resolved keep their blanks, quotes, equals signs and braces", [] {
    const std::vector<std::pair<std::string, std::map<std::string, std::string>>> cases = {
        {"SADDR={ saddr_fam=local path=/x }", {{"SADDR", "{ saddr_fam=local path=/x }"}}},
        {"SADDR={ saddr_fam=local path=/a { b } c=d }",
         {{"SADDR", "{ saddr_fam=local path=/a { b } c=d }"}}},
        {"SADDR={ saddr_fam=local path=/} UID=\"root\" }",
         {{"SADDR", "{ saddr_fam=local path=/} UID=\"root\" }"}}},
        {"ARCH=x86_64 SYSCALL=connect AUID=\"a b\" UID=\"root\"",
         {{"ARCH", "x86_64"}, {"SYSCALL", "connect"}, {"AUID", "a b"}, {"UID", "root"}}},
        {"OUID=\"c=d\" OGID=\"x\"y\"", {{"OUID", "c=d"}, {"OGID", "x\"y"}}},
        {"SYSCALL=unknown syscall(5) OLD-AUID=unset ID=\"a b",
         {{"SYSCALL", "unknown syscall(5)"}, {"OLD-AUID", "unset"}, {"ID", "\"a b"}}},
        {"SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=5 } UID=\"root\"",
         {{"SADDR", "{ saddr_fam=inet laddr=1.2.3.4 lport=5 }"}, {"UID", "root"}}},
        {"UID= GID=\"\"", {{"UID", ""}, {"GID", ""}}},
    };
    for (const auto& [text, fields] : cases) {
      const Json found = json_of("type=SOCKADDR msg=audit(1.0:1): saddr=01002F7800\x1d" + text);
      std::map<std::string, std::string> got;
      for (const auto& [name, value] : found.at("enriched").members) got[name] = value.text;
      EXPECT(got == fields);
      if (got == fields) continue;
      for (const auto& [name, value] : got)
        std::printf("    %s: '%s'\n", name.c_str(), value.c_str());
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_golden();
  claim_hard_fields();
  return run_claims(argc, argv);
}
