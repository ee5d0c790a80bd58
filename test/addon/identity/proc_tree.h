#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "identity/procfs.h"

namespace auditql::test {

/// One process as a made-up /proc shows it.
struct TreeProcess {
  int32_t pid = 0, ppid = 1;
  uint64_t start_ticks = 0;
  int32_t session = 0, tty = 0;
  std::string comm = "sh", exe = "/bin/sh", cwd = "/";
  int32_t tgid = 0;    ///< 0: the same as pid
  int32_t ns_pid = 0;  ///< not 0: lives in a pid namespace one level down, under this number
  char state = 'S';
  int threads = 1;
  bool unshared = false;  ///< has called unshare(CLONE_NEWPID): its children live one level down
};

/// A directory of files of the shape of /proc, removed at the end.
class ProcTree {
 public:
  ProcTree() {
    char name[] = "/tmp/auditql-proc-XXXXXX";
    root_ = ::mkdtemp(name);
    std::filesystem::create_directories(root_ + "/self/ns");
    std::filesystem::create_symlink("pid:[4026531836]", root_ + "/self/ns/pid");
    proc_ = ProcDirectory::open(root_).take();
  }
  ~ProcTree() { std::filesystem::remove_all(root_); }
  ProcTree(const ProcTree&) = delete;
  ProcTree& operator=(const ProcTree&) = delete;

  void put(const TreeProcess& p) {
    remove(p.pid);
    const std::string pid = std::to_string(p.pid), at = root_ + "/" + pid;
    std::filesystem::create_directories(at + "/ns");
    std::filesystem::create_directories(at + "/task/" + pid);
    write(at + "/stat", pid + " (" + p.comm + ") " + p.state + " " + std::to_string(p.ppid) + " " +
                            pid + " " + std::to_string(p.session) + " " + std::to_string(p.tty) +
                            " -1 4194304 0 0 0 0 0 0 0 0 20 0 " + std::to_string(p.threads) +
                            " 0 " + std::to_string(p.start_ticks) +
                            " 0 0 0 1 94588203130409 0 0\n");
    const std::string nested = p.ns_pid != 0 ? "\t" + std::to_string(p.ns_pid) : "";
    write(at + "/status", "Name:\t" + p.comm + "\nTgid:\t" +
                              std::to_string(p.tgid != 0 ? p.tgid : p.pid) + "\nPPid:\t" +
                              std::to_string(p.ppid) + "\nUid:\t0\t1\t2\t3\nGid:\t4\t5\t6\t7\n" +
                              "NSpid:\t" + pid + nested + "\n");
    write(at + "/cmdline", p.comm + std::string(1, '\0'));
    std::filesystem::create_symlink(p.exe, at + "/exe");
    std::filesystem::create_symlink(p.cwd, at + "/cwd");
    std::filesystem::create_symlink(p.ns_pid != 0 ? "pid:[4026532000]" : "pid:[4026531836]",
                                    at + "/ns/pid");
    std::filesystem::create_symlink(
        p.ns_pid != 0 || p.unshared ? "pid:[4026532000]" : "pid:[4026531836]",
        at + "/ns/pid_for_children");
  }
  void put_children(int32_t pid, const std::string& pids) {
    const std::string id = std::to_string(pid);
    write(root_ + "/" + id + "/task/" + id + "/children", pids);
  }
  void remove(int32_t pid) { std::filesystem::remove_all(root_ + "/" + std::to_string(pid)); }

  ProcDirectory& proc() { return *proc_; }
  const std::string& root() const { return root_; }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

 private:
  std::string root_;
  std::unique_ptr<ProcDirectory> proc_;
};

}  // namespace auditql::test
