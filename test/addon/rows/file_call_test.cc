#include "rows/file_calls/file_call.h"

#include <vector>

#include "../decode/parse_record.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

RawEvent event_of(const std::vector<std::string>& lines, std::vector<std::string>& whole,
                  std::vector<Record>& records) {
  for (const std::string& line : lines) {
    const size_t space = line.find(' ');
    whole.push_back("type=" + line.substr(0, space) +
                    " msg=audit(1700000000.250:1):" + line.substr(space));
  }
  for (const std::string& line : whole) records.push_back(*parse_log_line(line));
  return {records.front().id, records, false};
}

std::string name_of(const NamedFile& file) {
  std::string text = file.name;
  if (file.start != AT_FDCWD) text += "@" + std::to_string(file.start);
  for (const FileKey& each : file.folders) text += " in " + std::to_string(each.inode);
  return text;
}

/// `operation name > name, name > name`, each with the inodes of its folder, and with @N the
/// descriptor that it starts from; ! behind what is partial; `none` when it is no file call.
std::string told(const std::vector<std::string>& lines) {
  std::vector<std::string> whole;
  std::vector<Record> records;
  const auto call = read_file_call(event_of(lines, whole, records));
  if (!call) return "none";
  std::string text;
  for (const FileAct& act : call->acts) {
    text += (text.empty() ? std::string(call->operation) + " " : ", ") + name_of(act.file);
    if (act.dest) text += " > " + name_of(*act.dest);
  }
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
/// `inode` 0: none in the record.
std::string path(int item, const std::string& name, const char* type, int inode = 5) {
  const std::string quoted = name.empty() ? "(null)" : '"' + name + '"';
  return "PATH item=" + std::to_string(item) + " name=" + quoted +
         (inode == 0 ? ""
                     : " inode=" + std::to_string(inode) +
                           " dev=08:01 mode=0100644 ouid=0 "
                           "ogid=0 rdev=00:00") +
         " nametype=" + type;
}

constexpr const char* kHere = "a0=ffffffffffffff9c a1=7f a2=ffffffffffffff9c a3=7f";

void claim_operations() {
  claim("an open is an open, a write or a creation by its flags and what it made", [] {
    const auto open = [](const char* flags, const char* type) {
      return told({call(257, flags), kCwd, path(0, "/etc/", "PARENT", 3), path(1, "/etc/a", type)});
    };
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=0 a3=0", "NORMAL"), "open /etc/a in 3");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=1 a3=0", "NORMAL"), "write /etc/a in 3");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=200 a3=0", "NORMAL"), "write /etc/a in 3");
    EXPECT_EQ(open("a0=ffffff9c a1=7f a2=41 a3=1a4", "CREATE"), "create /etc/a in 3");
    EXPECT_EQ(told({call(437, "a0=ffffff9c a1=7f a2=7f a3=18"),
                    "OPENAT2 oflag=0 mode=0 resolve=0x0", kCwd, path(0, "/etc/a", "NORMAL")}),
              "open /etc/a");
  });
  claim("names start from the working directory or a descriptor, and have the folder's inode", [] {
    const auto at = [](const char* folder) {
      return told({call(263, folder), kCwd, path(0, "../bob/./", "PARENT", 3),
                   path(1, "../bob/./f", "DELETE")});
    };
    EXPECT_EQ(at("a0=ffffff9c a1=7f a2=0 a3=0"), "unlink ../bob/./f in 3");
    EXPECT_EQ(at("a0=ffffffffffffff9c a1=7f a2=0 a3=0"), "unlink ../bob/./f in 3");
    EXPECT_EQ(at("a0=3 a1=7f a2=0 a3=0"), "unlink ../bob/./f@3 in 3");
    // A name without a folder: the kernel writes the working directory, with the true inode.
    EXPECT_EQ(told({call(263, "a0=3 a1=7f a2=0 a3=0"), kCwd, path(0, "/home/ann", "PARENT", 3),
                    path(1, "f", "DELETE")}),
              "unlink f@3 in 3");
  });
  claim("a link has the old name, whose folder is not recorded, and the new one", [] {
    EXPECT_EQ(told({call(86, "a0=7f a1=7f a2=0 a3=0"), kCwd, path(0, "f", "NORMAL"),
                    path(1, "/b/", "PARENT", 3), path(2, "/b/g", "CREATE")}),
              "link f > /b/g in 3");
    EXPECT_EQ(told({call(265, "a0=3 a1=7f a2=4 a3=7f"), kCwd, path(0, "/home/ann", "PARENT", 3),
                    path(1, "f", "NORMAL"), path(2, "g", "CREATE")}),
              "link f@3 > g@4 in 3");
    EXPECT_EQ(told({call(88, "a0=7f a1=7f a2=0 a3=0"), kCwd, path(0, "/b/", "PARENT", 3),
                    path(1, "/b/s", "CREATE")}),
              "symlink /b/s in 3");
  });
  claim("calls on a descriptor have the file's inode", [] {
    EXPECT_EQ(told({call(91, "a0=9 a1=1a4 a2=0 a3=0"), kCwd, path(0, "", "NORMAL")}), "chmod @9");
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

/// Items as Linux 6.18 wrote them.
void claim_moves() {
  claim("a rename has both names, also over a file that was there", [] {
    EXPECT_EQ(told({call(82, kHere), kCwd, path(0, "b/", "PARENT", 4), path(1, "a/", "PARENT", 3),
                    path(2, "a/x", "DELETE", 1), path(3, "b/y", "CREATE", 1)}),
              "rename a/x in 3 > b/y in 4");
    EXPECT_EQ(told({call(82, kHere), kCwd, path(0, "a/", "PARENT", 3), path(1, "a/", "PARENT", 3),
                    path(2, "a/x", "DELETE", 1), path(3, "a/y", "DELETE", 2),
                    path(4, "a/y", "CREATE", 1)}),
              "rename a/x in 3 > a/y in 3");
    // RENAME_WHITEOUT, over a file.
    EXPECT_EQ(told({call(316, kHere), kCwd, path(0, "o/", "PARENT", 4), path(1, "w/", "PARENT", 3),
                    path(2, "w/a", "DELETE", 1), path(3, "o/b", "DELETE", 2),
                    path(4, "o/b", "CREATE", 1)}),
              "rename w/a in 3 > o/b in 4");
  });
  claim("an exchange is two renames, whichever name came first", [] {
    EXPECT_EQ(told({call(316, kHere), kCwd, path(0, "w/", "PARENT", 3), path(1, "o/", "PARENT", 4),
                    path(2, "o/b", "DELETE", 1), path(3, "w/a", "DELETE", 2),
                    path(4, "w/a", "CREATE", 1), path(5, "o/b", "CREATE", 2)}),
              "rename o/b in 4 > w/a in 3, w/a in 3 > o/b in 4");
    EXPECT_EQ(told({call(316, kHere), kCwd, path(0, "o/", "PARENT", 4), path(1, "w/", "PARENT", 3),
                    path(2, "w/a", "DELETE", 2), path(3, "o/b", "DELETE", 1),
                    path(4, "o/b", "CREATE", 2), path(5, "w/a", "CREATE", 1)}),
              "rename w/a in 3 > o/b in 4, o/b in 4 > w/a in 3");
  });
  claim("one text in two folders leaves open which folder is whose", [] {
    EXPECT_EQ(told({call(316, "a0=3 a1=7f a2=4 a3=7f"), kCwd, path(0, "/home/ann", "PARENT", 4),
                    path(1, "/home/ann", "PARENT", 3), path(2, "f", "DELETE", 1),
                    path(3, "f", "CREATE", 1)}),
              "rename f@3 in 4 in 3 > f@4 in 4 in 3");
  });
  claim("a file system that changes the inode with the name still gives both names", [] {
    EXPECT_EQ(told({call(82, kHere), kCwd, path(0, "a/", "PARENT", 3), path(1, "a/", "PARENT", 3),
                    path(2, "a/x", "DELETE", 1), path(3, "a/y", "CREATE", 9)}),
              "rename a/x in 3 > a/y in 3");
    EXPECT_EQ(
        told({call(82, kHere), kCwd, path(0, "/a/x", "DELETE", 0), path(1, "/b", "CREATE", 0)}),
        "rename /a/x > /b");
  });
  claim("what is left of a call whose records were lost is told as partial", [] {
    EXPECT_EQ(told({call(82, kHere), kCwd, path(2, "a/x", "DELETE", 1)}), "rename a/x!");
    EXPECT_EQ(told({call(82, kHere), kCwd, path(3, "b/y", "CREATE", 1)}), "rename  > b/y!");
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_operations();
  claim_moves();
  return run_claims(argc, argv);
}
