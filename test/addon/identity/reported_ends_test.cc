#include "check.h"
#include "identity/task_counts.h"
#include "identity/terminal_name.h"
#include "made_up_host.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Notes as the process connector would have given them.
struct Notes final : ForkHintSource {
  ForkHints hints;
  std::optional<ForkHint> hint_of(const ForkCall& call) override { return hints.find(call); }
};

/// The made-up host, where the kernel tells forks and ends.
struct ToldHost {
  Notes kernel;
  Host host;
  std::unique_ptr<ProcessTable> table;
  ToldHost() {
    ProcessTableOptions options = host.options({});
    options.forks = &kernel;
    options.ends_are_reported = true;
    table = std::make_unique<ProcessTable>(options);
    table->scan(at(1000));
  }
  void told_fork(int32_t pid, int32_t tgid, int32_t parent, double ticks) {
    kernel.hints.add({pid, tgid, parent, at(ticks)});
  }
};

}  // namespace

int main(int argc, char** argv) {
  claim("a task that clone3 made and that is gone is told a thread or a process", [] {
    ToldHost told;
    told.told_fork(201, 100, 1, 1001.1);
    told.told_fork(202, 202, 100, 1001.2);
    const Identity thread = told.table->resolve(made_fork({100, 1, 201, 1001, 0, /*clone3=*/true}));
    EXPECT(thread.child.kind == ChildKind::thread);
    const Identity process =
        told.table->resolve(made_fork({100, 1, 202, 1001, 0, /*clone3=*/true}));
    EXPECT(process.child.kind == ChildKind::process);
    EXPECT(process.child.parent == told.host.shell());
    const Identity untold = told.table->resolve(made_fork({100, 1, 203, 1001, 0, /*clone3=*/true}));
    EXPECT(untold.child.kind == ChildKind::unknown);
  });

  claim("a child beside its caller has the caller's parent, as the kernel says", [] {
    ToldHost told;
    told.told_fork(202, 202, 1, 1001.2);
    const Identity caller = told.table->resolve(made_fork({100, 1, 202, 1001, 0, /*clone3=*/true}));
    EXPECT(caller.child.kind == ChildKind::process);
    EXPECT(caller.child.parent == process_uuid("boot", 1, 1));
  });

  claim("a note of another time says nothing of this fork", [] {
    ToldHost told;
    told.told_fork(202, 202, 100, 900);
    const Identity caller = told.table->resolve(made_fork({100, 1, 202, 1001, 0, /*clone3=*/true}));
    EXPECT(caller.child.kind == ChildKind::unknown);
  });

  claim("an end is taken in once, and exit_group alone ends nothing", [] {
    ToldHost told;
    told.table->resolve(made_exec(300, 100, 1001));
    const Identity caller = told.table->resolve(made_exit(300, 100, 1002));
    EXPECT(caller.known() && caller.ended_ns == 0);
    const TaskEnd end{300, 300, at(1003), 0};
    EXPECT(told.table->process_ended(end).process == caller.process);
    EXPECT(!told.table->process_ended(end).known());
  });

  claim("an end that is expected is no vanishing", [] {
    ToldHost told;
    const TaskEnd end{100, 100, at(1003), 0};
    told.table->expect_end(end);
    told.host.tree.remove(100);
    told.table->collect(at(1004));
    EXPECT_EQ(told.host.seen.vanished.size(), size_t{0});
    EXPECT(told.table->process_ended(end).process == told.host.shell());
  });

  claim("an end that a sweep had found first is still told", [] {
    ToldHost told;
    told.host.tree.remove(100);
    told.table->collect(at(1004));
    EXPECT_EQ(told.host.seen.vanished.size(), size_t{1});
    EXPECT(told.table->process_ended({100, 100, at(1003), 0}).process == told.host.shell());
  });

  claim("a process whose only sign is its end starts when its fork was told", [] {
    ToldHost told;
    told.told_fork(400, 400, 100, 1001);
    const Identity ended = told.table->process_ended({400, 400, at(1500), 0});
    EXPECT_EQ(ended.start_ticks, uint64_t{1001});
    EXPECT(ended.process.known());
  });

  claim("children have the credentials of their parent until they tell their own", [] {
    ToldHost told;
    ProcessEvent exec = made_exec(100, 1, 1001);
    exec.caller.credentials.uid = 1000;
    exec.caller.credentials.known = true;
    told.table->resolve(exec);
    told.table->resolve(made_fork({100, 1, 500, 1002}));
    EXPECT_EQ(told.table->process_ended({500, 500, at(1003), 0}).credentials.uid, uint32_t{1000});
  });

  claim("a process ends with its last task, whichever that is", [] {
    TaskCounts counts({});
    counts.started(10, 10);
    counts.started(11, 10);
    counts.started(12, 10);
    EXPECT(counts.ended(10) == LastTask::no);
    EXPECT(counts.ended(10) == LastTask::no);
    EXPECT(counts.ended(10) == LastTask::yes);
    EXPECT(counts.ended(10) == LastTask::unknown);
    counts.started(21, 20);
    EXPECT(counts.ended(20) == LastTask::unknown);
  });

  claim("beyond the bound a process is not counted, which is counted", [] {
    const auto health = HealthRegion::in_memory();
    TaskCounts counts({1, health->counter({"a", "b", "c"})});
    counts.started(10, 10);
    counts.started(11, 11);
    EXPECT(counts.ended(11) == LastTask::unknown);
    EXPECT(counts.ended(10) == LastTask::yes);
    EXPECT_EQ(health->rows().front().value, uint64_t{1});
    counts.started(10, 10);
    counts.forget();
    EXPECT(counts.ended(10) == LastTask::unknown);
  });

  claim("terminals have the names that audit records give them", [] {
    EXPECT_EQ(terminal_name(0), "");
    EXPECT_EQ(terminal_name(0x8803), "pts3");
    EXPECT_EQ(terminal_name(0x8901), "pts257");
    EXPECT_EQ(terminal_name(0x0401), "tty1");
    EXPECT_EQ(terminal_name(0x0440), "ttyS0");
    EXPECT_EQ(terminal_name(0x0501), "5:1");
  });

  return run_claims(argc, argv);
}
