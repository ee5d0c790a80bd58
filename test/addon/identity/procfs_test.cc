#include "identity/procfs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "check.h"
#include "identity/boot_clock.h"
#include "proc_tree.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("a comm with spaces, parentheses and newlines does not shift the fields", [] {
    const auto stat = parse_proc_stat(
        "77 (a) S 1 (\n)) R 6586 6585 5262 34817 -1 4194304 102 0 0 0 0 0 0 0 20 0 3 0 1119483 2 3 "
        "18446744073709551615 94588203106304 94588203130409 140722676263184 0 0\n");
    EXPECT(stat.has_value());
    EXPECT_EQ(stat->comm, "a) S 1 (\n)");
    EXPECT_EQ(stat->state, 'R');
    EXPECT_EQ(stat->ppid, 6586);
    EXPECT_EQ(stat->pgrp, 6585);
    EXPECT_EQ(stat->session, 5262);
    EXPECT_EQ(stat->tty, 34817);
    EXPECT_EQ(stat->threads, 3);
    EXPECT_EQ(stat->start_ticks, uint64_t{1119483});
  });

  claim("a cut or foreign stat is refused, not guessed", [] {
    const std::string whole = "7 (sh) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 1 2 0";
    EXPECT(parse_proc_stat(whole).has_value());
    for (size_t length = 0; length < whole.size() - 4; length++) {
      EXPECT(!parse_proc_stat(whole.substr(0, length)).has_value());
    }
    EXPECT(
        !parse_proc_stat("x (sh) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 1 2").has_value());
    EXPECT(!parse_proc_stat(")(").has_value());
  });

  claim("status tells the thread group and the pid inside a namespace", [] {
    const auto status = parse_proc_status(
        "Name:\tx\nTgid:\t900\nPPid:\t4\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNSpid:\t901\t12\t1\n");
    EXPECT(status.has_value());
    EXPECT_EQ(status->tgid, 900);
    EXPECT_EQ(status->ns_pid, 1);
    EXPECT_EQ(status->ns_depth, 3u);
    EXPECT_EQ(status->fsuid, 4u);
    EXPECT_EQ(status->egid, 6u);
    EXPECT(!parse_proc_status("Name:\tx\n").has_value());
  });

  claim("the real /proc tells this process and its child as they are", [] {
    auto proc = ProcDirectory::open().take();
    const pid_t child = ::fork();
    if (child == 0) {
      ::pause();
      ::_exit(0);
    }
    const auto self = proc->stat(::getpid()), other = proc->stat(child);
    EXPECT(self && other);
    EXPECT_EQ(other->ppid, static_cast<int32_t>(::getpid()));
    EXPECT_EQ(self->session, static_cast<int32_t>(::getsid(0)));
    EXPECT(other->start_ticks >= self->start_ticks);
    EXPECT_EQ(proc->status(child)->tgid, static_cast<int32_t>(child));
    EXPECT_EQ(proc->status(child)->uid, static_cast<uint32_t>(::getuid()));
    EXPECT(proc->in_own_pid_namespace(child).value_or(false));
    const auto children = proc->children(::getpid());
    EXPECT(children.empty() || children == std::vector<int32_t>{static_cast<int32_t>(child)});
    EXPECT(!proc->details(child)->exe.empty());
    EXPECT(!proc->boot_id().empty());
    const uint64_t age_ns =
        static_cast<uint64_t>(::time(nullptr)) * 1'000'000'000 -
        std::min<uint64_t>(BootClock::measure().wall_ns(other->start_ticks),
                           static_cast<uint64_t>(::time(nullptr)) * 1'000'000'000);
    EXPECT(age_ns < 600'000'000'000);
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
    EXPECT(!proc->stat(child).has_value());
  });

  claim("the pids of /proc come in slices, in order, each once a round", [] {
    auto proc = ProcDirectory::open().take();
    std::vector<int32_t> pids;
    bool more = true;
    while (more) {
      const size_t before = pids.size();
      more = proc->list(7, pids);
      EXPECT(pids.size() - before <= 7);
    }
    EXPECT(std::is_sorted(pids.begin(), pids.end()));
    EXPECT(std::adjacent_find(pids.begin(), pids.end()) == pids.end());
    EXPECT(std::binary_search(pids.begin(), pids.end(), static_cast<int32_t>(::getpid())));
  });

  claim("a made-up tree is read like /proc", [] {
    ProcTree tree;
    tree.put({.pid = 50, .ppid = 40, .start_ticks = 9, .comm = "my (sh", .ns_pid = 3});
    tree.put({.pid = 7});
    tree.put_children(50, "51 52 ");
    std::vector<int32_t> pids;
    EXPECT(!tree.proc().list(100, pids));
    EXPECT(pids == (std::vector<int32_t>{7, 50}));
    EXPECT_EQ(tree.proc().stat(50)->comm, "my (sh");
    EXPECT_EQ(tree.proc().status(50)->ns_pid, 3);
    EXPECT(!tree.proc().in_own_pid_namespace(50).value_or(true));
    EXPECT(tree.proc().children(50) == (std::vector<int32_t>{51, 52}));
    EXPECT(!tree.proc().stat(51).has_value());
  });

  claim("a process that is known to have ended is not looked at", [] {
    ProcTree tree;
    tree.put({.pid = 7});
    tree.put({.pid = 8});
    {
      const HeldProcess ended(&tree.proc(), 7, HeldState::ended);
      EXPECT_EQ(ended.directory(), -1);
      EXPECT(!tree.proc().stat(7) && !tree.proc().cgroup(7) && !tree.proc().details(7));
      EXPECT(tree.proc().stat(8).has_value());
    }
    EXPECT(tree.proc().stat(7).has_value());
  });

  claim("a /proc that is not there is an error with a code",
        [] { EXPECT_EQ(ProcDirectory::open("/nonexistent").error().code, "procfs_open_failed"); });

  return run_claims(argc, argv);
}
