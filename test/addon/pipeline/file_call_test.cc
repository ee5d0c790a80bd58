#include "pipeline/file_call.h"

#include <vector>

#include "check.h"
#include "decode/record.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// `operation path > dest_path`, with ! behind what is partial; `none` when it is no file call.
std::string told(const std::vector<std::string>& lines) {
  std::vector<std::string> whole;
  for (const std::string& line : lines) {
    const size_t space = line.find(' ');
    whole.push_back("type=" + line.substr(0, space) +
                    " msg=audit(1700000000.250:1):" + line.substr(space));
  }
  std::vector<Record> records;
  for (const std::string& line : whole) records.push_back(*parse_log_line(line));
  const RawEvent event{records.front().id, records, false};
  const auto call = read_file_call(event, [](int32_t pid, int32_t descriptor) {
    return pid == 7 && descriptor == 3 ? std::string("/srv/folder") : std::string();
  });
  if (!call) return "none";
  std::string text = std::string(call->operation) + " " + call->path;
  if (!call->dest_path.empty()) text += " > " + call->dest_path;
  return text + (call->partial ? "!" : "");
}

/// A SYSCALL record of x86_64.
std::string call(int number, const char* arguments, const char* outcome = "success=yes exit=0") {
  return "SYSCALL arch=c000003e syscall=" + std::to_string(number) + " " + outcome + " " +
         arguments +
         " items=2 ppid=1 pid=7 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
         "sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"x\" exe=\"/bin/x\" key=\"auditql\"";
}

const std::string kCwd = "CWD cwd=\"/home/ann\"";
std::string path(int item, const char* name, const char* type) {
  return "PATH item=" + std::to_string(item) + " name=\"" + name +
         "\" inode=5 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=" + type;
}

void claim_operations() {
  claim("an open is an open, a write or a creation by its flags and what it made", [] {
    const auto open = [](const char* flags, const char* type) {
      return told({call(257, flags), kCwd, path(0, "/etc/", "PARENT"), path(1, "/etc/a", type)});
    };
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=0 a3=0", "NORMAL"), "open /etc/a");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=1 a3=0", "NORMAL"), "write /etc/a");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=200 a3=0", "NORMAL"), "write /etc/a");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=41 a3=1a4", "CREATE"), "create /etc/a");
    EXPECT_EQ(told({call(437, "a0=ffffff9c a1=7f a2=7f a3=18"),
                    "OPENAT2 oflag=0 mode=0 resolve=0x0", kCwd, path(0, "/etc/a", "NORMAL")}),
              "open /etc/a");
  });
  claim("relative paths start from the working directory or from a descriptor's folder", [] {
    const auto at = [](const char* folder) {
      return told({call(263, folder), kCwd, path(0, "/home/ann", "PARENT"),
                   path(1, "../bob/./f", "DELETE")});
    };
    EXPECT_EQ(at("a0=ffffff9c a1=7f a2=0 a3=0"), "unlink /home/bob/f");
    EXPECT_EQ(at("a0=ffffffffffffff9c a1=7f a2=0 a3=0"), "unlink /home/bob/f");
    EXPECT_EQ(at("a0=3 a1=7f a2=0 a3=0"), "unlink /srv/bob/f");
    EXPECT_EQ(at("a0=4 a1=7f a2=0 a3=0"), "unlink ../bob/./f!");
  });
  claim("a rename has both names, a link the old and the new one", [] {
    EXPECT_EQ(told({call(316, "a0=ffffff9c a1=7f a2=ffffff9c a3=7f"), kCwd,
                    path(0, "/a/", "PARENT"), path(1, "/b/", "PARENT"), path(2, "/a/x", "DELETE"),
                    path(3, "/b/y", "DELETE"), path(4, "/b/y", "CREATE")}),
              "rename /a/x > /b/y");
    EXPECT_EQ(told({call(86, "a0=7f a1=7f a2=0 a3=0"), kCwd, path(0, "f", "NORMAL"),
                    path(1, "/b/", "PARENT"), path(2, "/b/g", "CREATE")}),
              "link /home/ann/f > /b/g");
    EXPECT_EQ(told({call(88, "a0=7f a1=7f a2=0 a3=0"), kCwd, path(0, "/b/", "PARENT"),
                    path(1, "/b/s", "CREATE")}),
              "symlink /b/s");
  });
  claim("calls on a descriptor tell the file behind it, while that can be known", [] {
    EXPECT_EQ(told({call(91, "a0=3 a1=1a4 a2=0 a3=0"), kCwd}), "chmod /srv/folder");
    EXPECT_EQ(told({call(91, "a0=9 a1=1a4 a2=0 a3=0"), kCwd}), "none");
  });
  claim("calls that failed, other calls and events without a call are none", [] {
    const std::string a = path(0, "/etc/a", "NORMAL");
    EXPECT_EQ(told({call(90, "a0=7f a1=0 a2=0 a3=0", "success=no exit=-1"), kCwd, a}), "none");
    EXPECT_EQ(told({call(59, "a0=7f a1=0 a2=0 a3=0"), kCwd, a}), "none");
    EXPECT_EQ(told({"CONFIG_CHANGE op=set"}), "none");
    // chmod is 15 for i386, 90 is mmap there.
    EXPECT_EQ(told({"SYSCALL arch=40000003 syscall=90 success=yes exit=0 a0=1 pid=7", a}), "none");
    EXPECT_EQ(told({"SYSCALL arch=40000003 syscall=15 success=yes exit=0 a0=1 pid=7", a}),
              "chmod /etc/a");
  });
  claim("records that are cut anywhere do no harm", [] {
    const std::string line = call(257, "a0=ffffff9c a1=7f a2=1 a3=0");
    const std::string item = path(0, "/etc/a", "NORMAL");
    for (size_t size = 9; size < line.size(); size++) (void)told({line.substr(0, size), item});
    for (size_t size = 6; size < item.size(); size++) (void)told({line, item.substr(0, size)});
    EXPECT_EQ(told({line, kCwd}), "none");
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_operations();
  return run_claims(argc, argv);
}
