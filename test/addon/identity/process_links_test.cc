#include "check.h"
#include "made_up_host.h"

using namespace auditql;
using namespace auditql::test;

namespace {

void parents() {
  claim("re-parenting does not change the parent: it stays the one at fork time", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid parent = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    host.tree.put({.pid = 201, .ppid = 200, .start_ticks = 1002});
    host.table.resolve(made_fork({200, 100, 201, 1002}));
    host.table.resolve(made_exit(200, 100, 1003));
    host.tree.remove(200);
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});
    const Identity orphan = host.table.resolve(made_exec(201, 1, 1010));
    EXPECT_EQ(orphan.parent, parent);
    EXPECT_EQ(orphan.parent_pid, 200);
  });

  claim("a double fork with both forks seen keeps the whole chain", [] {
    Host host;
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});  // 200 has already ended
    const Uuid middle = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    const Identity forked = host.table.resolve(made_fork({200, 100, 201, 1002}));
    host.table.resolve(made_exit(200, 100, 1003));
    const Identity daemon = host.table.resolve(made_exec(201, 1, 1004));
    EXPECT_EQ(forked.process, middle);
    EXPECT_EQ(daemon.parent, middle);
  });

  claim("with CLONE_PARENT the child's parent is the caller's parent", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.put({.pid = 201, .ppid = 100, .start_ticks = 1002});
    const Identity forked = host.table.resolve(made_fork({200, 100, 201, 1002, CLONE_PARENT}));
    EXPECT_EQ(forked.child.parent, host.shell());
    const Identity execed = host.table.resolve(made_exec(201, 100, 1003));
    EXPECT_EQ(execed.process, forked.child.process);
    EXPECT_EQ(execed.parent, host.shell());
  });

  claim("CLONE_PARENT by clone3 is read off the child's ppid while the caller lives", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.put({.pid = 201, .ppid = 100, .start_ticks = 1002});
    const Identity forked = host.table.resolve(
        made_fork({.caller = 200, .ppid = 100, .child = 201, .ticks = 1002, .clone3 = true}));
    EXPECT(forked.child.kind == ChildKind::process);
    EXPECT_EQ(forked.child.parent, host.shell());
  });

  claim("an unknown parent that lives is found in /proc and announced before its child", [] {
    Host host;
    host.tree.put({.pid = 300, .ppid = 100, .start_ticks = 1100});
    host.tree.put({.pid = 301, .ppid = 300, .start_ticks = 1101});
    const Identity child = host.table.resolve(made_exec(301, 300, 1102));
    EXPECT_EQ(child.parent, process_uuid("boot", 300, 1100));
    EXPECT_EQ(host.seen.found.back().first, 300);
    // /proc names the parent of now, which any ancestor may have become.
    EXPECT(!host.seen.parents[300].known());
  });

  claim("an orphan whose fork was lost has an unknown parent, not its adopter", [] {
    Host host;
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});
    host.table.records_lost(at(1050));
    const Identity orphan = host.table.resolve(made_exec(201, 1, 1060));
    EXPECT(orphan.known());
    EXPECT(!orphan.parent.known());
    EXPECT_EQ(host.count("unknown_parent"), uint64_t{1});
  });

  claim("a child of init whose fork is overdue has an unknown parent", [] {
    Host host;
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});
    EXPECT(!host.table.resolve(made_exec(201, 1, 1500)).parent.known());
  });

  claim("a service that init has just vforked has init as its parent", [] {
    Host host;
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});
    const Identity service = host.table.resolve(made_exec(201, 1, 1003));
    EXPECT_EQ(service.parent, process_uuid("boot", 1, 1));
  });
}

void threads() {
  claim("a clone with CLONE_THREAD makes no process", [] {
    Host host;
    const Identity forked = host.table.resolve(made_fork({100, 1, 200, 1001, CLONE_THREAD}));
    EXPECT(forked.child.kind == ChildKind::thread);
    EXPECT(!forked.child.process.known());
    EXPECT_EQ(host.count("live"), uint64_t{2});
  });

  claim("a clone3 child is told from a thread by its Tgid", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 1, .start_ticks = 1001, .tgid = 100});
    host.tree.put({.pid = 201, .ppid = 100, .start_ticks = 1001});
    const ForkClaim thread{.caller = 100, .ppid = 1, .child = 200, .ticks = 1001, .clone3 = true};
    const ForkClaim process{.caller = 100, .ppid = 1, .child = 201, .ticks = 1001, .clone3 = true};
    EXPECT(host.table.resolve(made_fork(thread)).child.kind == ChildKind::thread);
    EXPECT(host.table.resolve(made_fork(process)).child.kind == ChildKind::process);
  });

  claim("a clone3 child that is gone is unknown until its own event tells", [] {
    Host host;
    const ForkClaim fork{.caller = 100, .ppid = 1, .child = 200, .ticks = 1001, .clone3 = true};
    EXPECT(host.table.resolve(made_fork(fork)).child.kind == ChildKind::unknown);
    EXPECT_EQ(host.count("unknown_child"), uint64_t{1});
    EXPECT_EQ(host.table.resolve(made_exit(200, 100, 1002)).parent, host.shell());
  });

  claim("exec by another thread keeps the identity of the process", [] {
    Host host;
    const Uuid before = host.table.resolve(made_fork({100, 1, 200, 1001, CLONE_THREAD})).process;
    EXPECT_EQ(host.table.resolve(made_exec(100, 1, 1002)).process, before);
  });
}

void namespaces() {
  claim("inside a pid namespace the child is found by the number its caller sees", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .ns_pid = 1});
    host.table.resolve(made_exec(200, 100, 1001.5));
    host.tree.put({.pid = 7, .ppid = 1, .start_ticks = 1003});  // who has the number 7 outside
    host.tree.put({.pid = 201, .ppid = 200, .start_ticks = 1003, .ns_pid = 7});
    host.tree.put_children(200, "201 ");
    const Identity forked = host.table.resolve(made_fork({200, 100, 7, 1003}));
    EXPECT_EQ(forked.child.process, process_uuid("boot", 201, 1003));
    EXPECT_EQ(forked.child.parent, process_uuid("boot", 200, 1001));
  });

  claim("inside a pid namespace a child that exec'd first is matched with its fork", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .ns_pid = 1});
    host.table.resolve(made_exec(200, 100, 1001.5));
    host.tree.put({.pid = 201, .ppid = 200, .start_ticks = 1003, .ns_pid = 7});
    const Identity execed = host.table.resolve(made_exec(201, 200, 1003.5));
    EXPECT_EQ(execed.ns_pid, 7);
    EXPECT_EQ(host.table.resolve(made_fork({200, 100, 7, 1003})).child.process, execed.process);
  });

  claim("a child in a pid namespace that is gone is unknown, not whoever has that number", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .ns_pid = 1});
    host.table.resolve(made_exec(200, 100, 1001.5));
    host.tree.put({.pid = 7, .ppid = 1, .start_ticks = 1003});
    const Identity forked = host.table.resolve(made_fork({200, 100, 7, 1003}));
    EXPECT(forked.child.kind == ChildKind::unknown);
    EXPECT(!host.table.find(7, at(1003)).has_value());
  });

  claim("a fork by a caller that is gone, from an unknown namespace, waits for the child", [] {
    Host host;
    host.tree.put({.pid = 100, .start_ticks = 500, .session = 100, .unshared = true});
    host.table.resolve(made_exec(200, 100, 1001));  // never in /proc
    const Identity forked = host.table.resolve(made_fork({200, 100, 201, 1002}));
    EXPECT(forked.child.kind == ChildKind::unknown);
    host.table.resolve(made_exit(200, 100, 1002.5));
    const Identity child = host.table.resolve(made_exec(201, 200, 1003));
    EXPECT_EQ(child.parent, forked.process);
  });

  claim("an orphan that a caller of unknown namespace may have made has an unknown parent", [] {
    Host host;
    host.tree.put({.pid = 100, .start_ticks = 500, .session = 100, .unshared = true});
    host.table.resolve(made_exec(200, 100, 1001));  // never in /proc
    host.table.resolve(made_fork({200, 100, 201, 1002}));
    host.tree.put({.pid = 201, .ppid = 1, .start_ticks = 1002});
    EXPECT(!host.table.resolve(made_exec(201, 1, 1003)).parent.known());
  });
}

void leaders() {
  claim("setsid between fork and exec gives a session leader of its own", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .session = 100});
    const Identity forked = host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .session = 200, .tty = 34816});
    const Identity execed = host.table.resolve(made_exec(200, 100, 1003));
    EXPECT_EQ(execed.session_leader, forked.child.process);
    EXPECT(execed.interactive());
  });

  claim("the entry leader below sshd is the first process that is not sshd", [] {
    Host host;
    host.tree.put(
        {.pid = 200, .ppid = 1, .start_ticks = 1001, .session = 200, .exe = "/usr/sbin/sshd"});
    host.table.resolve(made_exec(200, 1, 1002, "/usr/sbin/sshd"));
    host.tree.put({.pid = 201, .ppid = 200, .start_ticks = 1003, .session = 201, .tty = 34816});
    host.table.resolve(made_fork({200, 1, 201, 1003}));
    const Identity shell = host.table.resolve(made_exec(201, 200, 1004, "/bin/bash"));
    host.tree.put({.pid = 202, .ppid = 201, .start_ticks = 1005, .session = 201, .tty = 34816});
    const Identity command = host.table.resolve(made_exec(202, 201, 1006));
    EXPECT(shell.entry_leader_kind == EntryLeaderKind::sshd);
    EXPECT_EQ(shell.entry_leader, shell.process);
    EXPECT_EQ(command.entry_leader, shell.process);
  });
}

void the_dead() {
  claim("a sweep retires what is gone from /proc, once, and keeps what lives", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.remove(200);
    host.table.collect(at(1010));
    host.table.collect(at(1020));
    EXPECT(host.seen.vanished == std::vector<int32_t>{200});
    EXPECT_EQ(host.count("vanished"), uint64_t{1});
    EXPECT_EQ(host.table.live(), size_t{2});
  });

  claim("swept regularly, an idle process is still itself when it ends", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid process = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    for (double now = 1050; now < 2000; now += 50) host.table.collect(at(now));
    host.tree.remove(200);
    EXPECT_EQ(host.table.resolve(made_exit(200, 100, 2000)).process, process);
  });

  claim("a full table evicts what was least used, counts it, and takes it in again", [] {
    Host host({.max_live = 8});
    for (int32_t pid = 200; pid < 230; pid++) {
      host.tree.put({.pid = pid, .ppid = 100, .start_ticks = 1001});
      host.table.resolve(made_exec(pid, 100, 1002));
    }
    EXPECT_EQ(host.table.live(), size_t{8});
    EXPECT(host.count("evicted") >= 20);
    EXPECT_EQ(host.table.resolve(made_exec(200, 100, 1010)).process,
              process_uuid("boot", 200, 1001));
  });

  claim("ended processes are kept within their number and their time", [] {
    Host host({.max_ended = 10, .keep_ended_ns = 1'000'000'000});
    for (int32_t pid = 200; pid < 300; pid++) {
      host.table.resolve(made_exec(pid, 100, 1001));
      host.table.resolve(made_exit(pid, 100, 1002));
    }
    host.table.collect(at(1003));
    EXPECT_EQ(host.count("ended_kept"), uint64_t{10});
    host.table.collect(at(1200));
    host.table.collect(at(1200));
    EXPECT_EQ(host.count("ended_kept"), uint64_t{0});
  });

  claim("the end of a first thread is not the end of its process while others run", [] {
    Host host;
    host.tree.put({.pid = 100, .start_ticks = 500, .session = 100, .state = 'Z', .threads = 2});
    EXPECT(host.table.has_tasks({.pid = 100, .tgid = 100, .time_ns = at(1001)}));
    host.tree.put({.pid = 100, .start_ticks = 500, .session = 100, .state = 'Z', .threads = 1});
    const TaskEnd last{.pid = 105, .tgid = 100, .time_ns = at(1002)};
    EXPECT(!host.table.has_tasks(last));
    const Identity ended = host.table.process_ended(last);
    EXPECT_EQ(ended.process, host.shell());
    EXPECT_EQ(ended.ended_ns, at(1002));
  });
}

}  // namespace

int main(int argc, char** argv) {
  parents();
  threads();
  namespaces();
  leaders();
  the_dead();
  return run_claims(argc, argv);
}
