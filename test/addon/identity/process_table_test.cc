#include "identity/process_table.h"

#include "check.h"
#include "made_up_host.h"

using namespace auditql;
using namespace auditql::test;

namespace {

void exact_identity() {
  claim("the scan tells every process once, parents first", [] {
    Host host;
    host.tree.put({.pid = 7, .ppid = 900, .start_ticks = 600});
    host.tree.put({.pid = 900, .ppid = 100, .start_ticks = 600});
    Seen seen;
    ProcessTableOptions options = host.options({});
    options.sink = &seen;
    ProcessTable table(options);
    table.scan(at(1000));
    EXPECT_EQ(seen.found.size(), size_t{4});
    EXPECT_EQ(seen.found[0].first, 1);
    EXPECT_EQ(seen.found[1].first, 100);
    EXPECT_EQ(seen.found[2].first, 900);
    EXPECT_EQ(seen.found[3].first, 7);
    EXPECT_EQ(seen.parents[7], process_uuid("boot", 900, 600));
  });

  claim("after a restart of the daemon a living process has the uuid it had", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid before = host.table.resolve(made_exec(200, 100, 1002)).process;
    ProcessTable restarted(host.options({}));
    restarted.scan(at(2000));
    EXPECT_EQ(restarted.find(200, at(2000))->process, before);
  });

  claim("fork, exec and exit of one process carry one uuid and one parent", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001, .session = 100});
    const Identity forked = host.table.resolve(made_fork({100, 1, 200, 1001.2}));
    const Identity execed = host.table.resolve(made_exec(200, 100, 1003));
    host.tree.remove(200);
    const Identity exited = host.table.resolve(made_exit(200, 100, 1004));
    EXPECT(forked.child.kind == ChildKind::process);
    EXPECT_EQ(forked.process, host.shell());
    EXPECT_EQ(forked.child.process, process_uuid("boot", 200, 1001));
    EXPECT_EQ(execed.process, forked.child.process);
    EXPECT_EQ(exited.process, forked.child.process);
    EXPECT_EQ(exited.parent, host.shell());
    EXPECT_EQ(exited.session_leader, host.shell());
    EXPECT_EQ(execed.exe, "/bin/ls");
    EXPECT_EQ(execed.start_time_ns, at(1001));
    EXPECT(!execed.estimated);
  });

  claim("a vforked child that execs before its fork record is the same process", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Identity execed = host.table.resolve(made_exec(200, 100, 1001.5));
    const Identity forked =
        host.table.resolve(made_fork({100, 1, 200, 1001, CLONE_VM | CLONE_VFORK}));
    EXPECT_EQ(forked.child.process, execed.process);
    EXPECT_EQ(execed.parent, host.shell());
    EXPECT_EQ(host.count("reused_pids"), uint64_t{0});
  });

  claim("a child that exec'd and exited before its vfork record is still matched, estimated", [] {
    Host host;
    const Identity execed = host.table.resolve(made_exec(200, 100, 1001.5));
    const Identity exited = host.table.resolve(made_exit(200, 100, 1002));
    const Identity forked =
        host.table.resolve(made_fork({100, 1, 200, 1001, CLONE_VM | CLONE_VFORK}));
    EXPECT(execed.estimated);
    EXPECT_EQ(exited.process, execed.process);
    EXPECT_EQ(forked.child.process, execed.process);
    EXPECT_EQ(host.count("estimated"), uint64_t{1});
  });

  claim("the same start ticks from another backend give the same uuid without /proc", [] {
    Host host;
    ProcessEvent event = made_exec(300, 100, 1001.5);
    event.start_time_ticks = 1001;
    EXPECT_EQ(host.table.resolve(event).process, process_uuid("boot", 300, 1001));
    ProcessEvent fork = made_fork({100, 1, 301, 1002});
    fork.start_time_ticks = 1002;
    EXPECT_EQ(host.table.resolve(fork).child.process, process_uuid("boot", 301, 1002));
  });
}

void pid_reuse() {
  claim("a fork of a known pid is a new process, and the old one has vanished", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid first = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 5000});
    const Uuid second = host.table.resolve(made_fork({100, 1, 200, 5000})).child.process;
    EXPECT(!(first == second));
    EXPECT(host.seen.vanished == std::vector<int32_t>{200});
    EXPECT_EQ(host.count("reused_pids"), uint64_t{1});
  });

  claim("with its fork lost and the old end unseen, another start time tells the new process", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid first = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 5000});
    const Identity second = host.table.resolve(made_exec(200, 100, 5001));
    EXPECT(!(second.process == first));
    EXPECT_EQ(second.process, process_uuid("boot", 200, 5000));
    EXPECT_EQ(second.parent, host.shell());
  });

  claim("a pid that ended unseen and is gone again gives unknown, not the old process", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.remove(200);
    const Identity late = host.table.resolve(made_exec(200, 100, 5001));
    EXPECT(!late.known());
    EXPECT_EQ(host.count("unknown_process"), uint64_t{1});
  });

  claim("after a seen exit the next event of the pid is a new process, even without /proc", [] {
    Host host;
    host.table.resolve(made_exec(200, 100, 1001));
    const Uuid first = host.table.resolve(made_exit(200, 100, 1002)).process;
    const Identity second = host.table.resolve(made_exec(200, 100, 1100));
    EXPECT(second.known());
    EXPECT(!(second.process == first));
  });

  claim("a late record of the process that had the pid before resolves to that one", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid first = host.table.resolve(made_fork({100, 1, 200, 1001})).child.process;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1200});
    host.table.resolve(made_fork({100, 1, 200, 1200}));
    EXPECT_EQ(host.table.resolve(made_exit(200, 100, 1100)).process, first);
  });

  claim("a /proc that already shows a later process does not give its identity away", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 9000});
    const Identity earlier = host.table.resolve(made_exec(200, 100, 1001));
    EXPECT(earlier.estimated);
    EXPECT(!(earlier.process == process_uuid("boot", 200, 9000)));
  });

  claim("two estimates for one pid within one tick are two identities", [] {
    Host host;
    host.table.resolve(made_exec(200, 100, 1001));
    const Uuid first = host.table.resolve(made_exit(200, 100, 1001)).process;
    const Identity second = host.table.resolve(made_fork({100, 1, 200, 1001.1}));
    const Identity third = host.table.resolve(made_fork({100, 1, 200, 1001.2}));
    EXPECT_EQ(second.child.process, first);
    EXPECT(third.child.kind == ChildKind::process);
    EXPECT(!(third.child.process == first));
  });

  claim("who had a pid is told by the time, also once it has ended or another has the pid", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    const Uuid first = host.table.resolve(made_exec(200, 100, 1002)).process;
    host.table.resolve(made_exit(200, 100, 1010));
    EXPECT_EQ(host.table.find(200, at(1005))->process, first);
    EXPECT(!host.table.find(200, at(1100)));
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1200});
    const Uuid second = host.table.resolve(made_exec(200, 100, 1201)).process;
    EXPECT_EQ(host.table.find(200, at(1005))->process, first);
    EXPECT_EQ(host.table.find(200, at(1201))->process, second);
  });

  claim("a thread that got the pid of an idle process proves that process gone", [] {
    Host host;
    host.tree.put({.pid = 200, .ppid = 100, .start_ticks = 1001});
    host.table.resolve(made_fork({100, 1, 200, 1001}));
    host.tree.remove(200);
    host.table.resolve(made_fork({100, 1, 200, 5000, CLONE_THREAD}));
    EXPECT(!host.table.find(200, at(5010)).has_value());
    EXPECT_EQ(host.count("thread_forks"), uint64_t{1});
  });
}

}  // namespace

int main(int argc, char** argv) {
  exact_identity();
  pid_reuse();
  return run_claims(argc, argv);
}
