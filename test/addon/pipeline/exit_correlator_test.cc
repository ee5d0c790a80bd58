#include "pipeline/connector/exit_correlator.h"

#include <string>
#include <vector>

#include "../identity/made_up_host.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct End {
  int32_t pid = 0;
  std::optional<int32_t> status, signal;
  uint32_t serial = 0;
  std::string exe, key;
  bool partial = false;
};

struct Ends final : EndSink {
  std::vector<End> seen;
  void on_end(const ProcessEvent& event, const Identity& identity) override {
    seen.push_back({identity.pid, event.exit_status, event.exit_signal, event.header.serial,
                    std::string(event.caller.exe), std::string(event.header.key),
                    event.header.partial});
  }
};

/// Forks as the process connector would have told them.
struct Notes final : ForkHintSource {
  ForkHints hints;
  std::optional<ForkHint> hint_of(const ForkCall& call) override { return hints.find(call); }
};

struct Waiting {
  Notes kernel;
  Host host;
  std::unique_ptr<ProcessTable> table;
  Ends sink;
  std::unique_ptr<ExitCorrelator> ends;

  explicit Waiting(size_t max_waiting = 100, bool are_records = false) {
    ProcessTableOptions options = host.options({});
    options.ends_are_reported = true;
    options.forks = &kernel;
    table = std::make_unique<ProcessTable>(options);
    table->scan(at(1000));
    ExitCorrelator::Options waiting;
    waiting.processes = table.get();
    waiting.sink = &sink;
    waiting.health = host.health.get();
    waiting.max_waiting = max_waiting;
    waiting.are_records = are_records;
    ends = std::make_unique<ExitCorrelator>(waiting);
  }
  void execute(int32_t pid, double ticks) { table->resolve(made_exec(pid, 100, ticks)); }
  void call(int32_t pid, double ticks, int32_t status) {
    ProcessEvent event = made_exit(pid, 100, ticks);
    // Text that is gone once the record has been decoded.
    std::string exe = "/usr/bin/program-" + std::to_string(pid), key = "auditql";
    event.caller.exe = exe;
    event.header.key = key;
    event.header.serial = static_cast<uint32_t>(pid);
    event.exit_status = status;
    const Identity caller = table->resolve(event);
    ends->on_exit_group(event, caller);
    exe.assign(exe.size(), '?');
  }
  void tell(int32_t pid, double ticks, uint32_t wait_status) {
    TaskEvent event;
    event.action = TaskAction::exit;
    event.pid = event.tgid = pid;
    event.wait_status = wait_status;
    ends->on_reported(event, at(ticks), at(ticks));
  }
};

constexpr RecordsRead kBusy{at(1000), 0};
RecordsRead read_up_to(double ticks) { return {at(ticks), 0}; }

}  // namespace

int main(int argc, char** argv) {
  claim("an end waits until records that began after it have been decoded", [] {
    Waiting w;
    w.execute(300, 1001);
    w.tell(300, 1002, 9);
    w.ends->release(read_up_to(1001.5), at(1003));
    EXPECT_EQ(w.sink.seen.size(), size_t{0});
    w.ends->release(read_up_to(1002.5), at(1003));
    EXPECT_EQ(w.sink.seen.size(), size_t{1});
    EXPECT(w.sink.seen[0].signal == 9 && !w.sink.seen[0].status);
  });

  claim("an end waits no longer than the silence lasts, nor for ever", [] {
    Waiting w;
    w.execute(300, 1001);
    w.execute(301, 1001);
    w.execute(302, 1001);
    w.tell(300, 1002, 0);
    w.tell(302, 1002, 9);
    w.ends->release({at(1001), 300'000'000}, at(1032));
    EXPECT_EQ(w.sink.seen.size(), size_t{0});
    w.ends->release({at(1001), 400'000'000}, at(1042));
    EXPECT_EQ(w.sink.seen.size(), size_t{1});
    EXPECT(w.sink.seen[0].signal == 9);
    w.ends->release({at(1001), 800'000'000}, at(1082));
    EXPECT_EQ(w.sink.seen.size(), size_t{2});
    w.tell(301, 1130, 0);
    w.ends->release(kBusy, at(1600));
    EXPECT_EQ(w.sink.seen.size(), size_t{2});
    w.ends->release(kBusy, at(1630));
    EXPECT_EQ(w.sink.seen.size(), size_t{3});
  });

  claim("an end waits for the fork that a living parent has not reported yet, but not for ever",
        [] {
          Waiting w;
          for (const int32_t pid : {300, 301, 302}) {
            w.kernel.hints.add({pid, pid, 100, at(990)});
            w.execute(pid, 1001);
            w.call(pid, 1002, 0);
            w.tell(pid, 1003, 0);
          }
          w.table->resolve(made_fork({100, 1, 300, 990}));
          w.ends->release(read_up_to(1010), at(1010));
          EXPECT_EQ(w.sink.seen.size(), size_t{1});
          EXPECT_EQ(w.sink.seen[0].pid, 300);
          w.table->resolve(made_fork({100, 1, 301, 990}));
          w.ends->release(read_up_to(1020), at(1020));
          EXPECT_EQ(w.sink.seen.size(), size_t{2});
          w.ends->release(read_up_to(1200), at(1202));
          EXPECT_EQ(w.sink.seen.size(), size_t{2});
          w.ends->release(read_up_to(1204), at(1204));
          EXPECT_EQ(w.sink.seen.size(), size_t{3});
        });

  claim("an end whose exit_group record is there waits for other threads only", [] {
    Waiting w;
    w.execute(300, 1001);
    w.call(300, 1002, 7);
    w.tell(300, 1003, 0x0700);
    w.ends->release(kBusy, at(1004));
    EXPECT_EQ(w.sink.seen.size(), size_t{0});
    w.ends->release(kBusy, at(1008));
    EXPECT_EQ(w.sink.seen.size(), size_t{1});
  });

  claim("one row joins who called exit_group with how it ended, in either order", [] {
    Waiting w;
    w.execute(300, 1001);
    w.execute(301, 1001);
    w.call(300, 1002, 7);
    w.tell(300, 1003, 0x0700);
    w.tell(301, 1003, 0x0800);
    w.call(301, 1002, 8);
    w.ends->release(read_up_to(1010), at(1010));
    w.ends->finish();
    EXPECT_EQ(w.sink.seen.size(), size_t{2});
    EXPECT(w.sink.seen[0].status == 7 && w.sink.seen[1].status == 8);
    EXPECT_EQ(w.sink.seen[0].exe, "/usr/bin/program-300");
    EXPECT_EQ(w.sink.seen[0].key, "auditql");
    EXPECT_EQ(w.sink.seen[1].serial, uint32_t{301});
  });

  claim("a signal that was faster than exit_group is what ended the process", [] {
    Waiting w;
    w.execute(300, 1001);
    w.call(300, 1002, 0);
    w.tell(300, 1003, 15);
    w.ends->release(read_up_to(1010), at(1010));
    EXPECT(w.sink.seen[0].signal == 15 && !w.sink.seen[0].status);
  });

  claim("an end that nobody told is taken from the sweep, with the code of exit_group", [] {
    Waiting w;
    w.execute(300, 1001);
    w.execute(301, 1001);
    w.call(300, 1002, 7);
    for (const int32_t pid : {300, 301}) {
      Identity gone = *w.table->find(pid, at(1005));
      gone.ended_ns = at(1010);
      w.ends->vanished(gone, at(1010));
    }
    w.ends->release(kBusy, at(1050));
    EXPECT_EQ(w.sink.seen.size(), size_t{0});
    w.ends->release(kBusy, at(1110));
    EXPECT_EQ(w.sink.seen.size(), size_t{2});
    EXPECT(w.sink.seen[0].status == 7 && !w.sink.seen[0].partial);
    EXPECT(!w.sink.seen[1].status && !w.sink.seen[1].signal && w.sink.seen[1].partial);
  });

  claim("where ends are records, one that a sweep found waits for the records of its time", [] {
    Waiting w(100, true);
    w.execute(300, 1001);
    Identity gone = *w.table->find(300, at(1005));
    gone.ended_ns = at(1010);
    w.ends->vanished(gone, at(1010));
    w.ends->release(read_up_to(1009), at(1300));
    EXPECT_EQ(w.sink.seen.size(), size_t{0});
    w.ends->release(read_up_to(1011), at(1300));
    EXPECT_EQ(w.sink.seen.size(), size_t{1});
  });

  claim("an end that is both swept and told is one", [] {
    Waiting w;
    w.execute(300, 1001);
    Identity gone = *w.table->find(300, at(1005));
    gone.ended_ns = at(1010);
    w.ends->vanished(gone, at(1010));
    w.tell(300, 1009, 0x0100);
    w.tell(300, 1009, 0x0100);
    w.ends->release(read_up_to(1020), at(1200));
    EXPECT_EQ(w.sink.seen.size(), size_t{1});
    EXPECT(w.sink.seen[0].status == 1);
  });

  claim("beyond the bound ends leave early, and none is lost", [] {
    Waiting w(4);
    for (int32_t pid = 300; pid < 320; pid++) w.execute(pid, 1001);
    for (int32_t pid = 300; pid < 310; pid++) w.tell(pid, 1002, 0);
    EXPECT_EQ(w.sink.seen.size(), size_t{6});
    for (int32_t pid = 310; pid < 320; pid++) w.call(pid, 1003, 0);
    EXPECT_EQ(w.sink.seen.size(), size_t{12});
    w.ends->finish();
    EXPECT_EQ(w.sink.seen.size(), size_t{20});
    EXPECT_EQ(w.host.count("handed_on_early"), uint64_t{12});
  });

  return run_claims(argc, argv);
}
