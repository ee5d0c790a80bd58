#include "rows/exec_details.h"

#include "../identity/proc_tree.h"
#include "check.h"
#include "identity/terminal_name.h"
#include "rows/exec_columns.h"
#include "store/generated/event_tables.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct Fixture {
  Fixture() {
    tree.put({.pid = 7, .start_ticks = 500, .comm = "sh", .exe = "/bin/sh"});
    const std::string at = tree.root() + "/7/";
    ProcTree::write(at + "status",
                    "Name:\tCapEff:\nNoNewPrivs:\t1\nCapInh:\t0000000000000001\n"
                    "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000400\n"
                    "CapBnd:\t0000000000000002\nCapAmb:\t0000000000000008\n");
    ProcTree::write(at + "cgroup", "0::/a:b/c.scope\n1:x:/y\n");
    ProcTree::write(at + "environ", std::string("A=1\0B=2\0", 8));
    ProcTree::write(at + "cmdline", std::string("sh\0-c\0", 6));
  }
  std::optional<ExecDetails> read(const ExecutedImage& image) {
    return ExecDetailsReader({{{"A"}, {}}, health.get(), &tree.proc()}).read(image);
  }
  uint64_t counted(std::string_view name, std::string_view metric, std::string_view reason = {}) {
    return health->counter({"identity", name, metric, reason}).get();
  }
  ProcTree tree;
  std::shared_ptr<HealthRegion> health = HealthRegion::in_memory();
};

const std::string_view kArguments[] = {"sh", "-c"};

}  // namespace

int main(int argc, char** argv) {
  claim("capabilities, flags, namespaces, cgroup and environment are those of /proc", [] {
    Fixture fixture;
    const auto details = fixture.read({7, 500, "/bin/sh", kArguments});
    EXPECT(details.has_value());
    if (!details) return;
    EXPECT_EQ(details->capabilities->inheritable, 1u);
    EXPECT_EQ(details->capabilities->permitted, 0x1ffffffffffu);
    EXPECT_EQ(details->capabilities->effective, 0x400u);
    EXPECT_EQ(details->capabilities->ambient, 8u);
    EXPECT(*details->no_new_privileges);
    EXPECT_EQ(details->namespaces[4], 4026531836u);
    EXPECT_EQ(details->namespaces[0], 0u);
    EXPECT_EQ(details->cgroup_path, "/a:b/c.scope");
    EXPECT_EQ(details->environment->kept, std::string("A=1\0", 4));
    EXPECT_EQ(details->environment->count, 2u);
    EXPECT_EQ(fixture.counted("exec_facts", "read"), 1u);
  });

  claim("of a later holder of the pid, and of another image, nothing is taken", [] {
    Fixture fixture;
    EXPECT(!fixture.read({7, 501, "/bin/sh", kArguments}));
    EXPECT(!fixture.read({8, 500, "/bin/sh", kArguments}));
    EXPECT_EQ(fixture.counted("exec_facts", "missed", "gone"), 2u);
    EXPECT(!fixture.read({7, 500, "/bin/bash", kArguments}));
    EXPECT_EQ(fixture.counted("exec_facts", "missed", "other_image"), 1u);
    fixture.tree.put({.pid = 7, .start_ticks = 500, .exe = "/bin/sh", .state = 'Z'});
    EXPECT(!fixture.read({7, 500, "/bin/sh", kArguments}));
  });

  claim("a file that was removed meanwhile is still the one that was executed", [] {
    Fixture fixture;
    fixture.tree.put({.pid = 7, .start_ticks = 500, .exe = "/bin/sh (deleted)"});
    EXPECT(fixture.read({7, 500, "/bin/sh", kArguments}).has_value());
  });

  claim("an environment is that of the exec only where the arguments are, too", [] {
    Fixture fixture;
    const std::string_view other[] = {"sh", "-x"}, longer[] = {"sh", "-c", "x"}, shorter[] = {"sh"};
    for (const auto arguments : {std::span<const std::string_view>(other),
                                 std::span<const std::string_view>(longer),
                                 std::span<const std::string_view>(shorter),
                                 {}}) {
      const auto details = fixture.read({7, 500, "/bin/sh", arguments});
      EXPECT(details.has_value() && !details->environment);
    }
    EXPECT_EQ(fixture.counted("environment", "missed"), 4u);
  });

  claim("what could not be read is named in the row and counted, and is not the same as none", [] {
    using C = ProcessEventsColumn;
    Fixture fixture;
    const auto fill = [&](int32_t pid, std::string_view exe, std::vector<std::string> keep) {
      ExecColumns columns({{std::move(keep), {}}, fixture.health.get(), &fixture.tree.proc()});
      UnknownFacts unknown(*fixture.health);
      ProcessEvent event;
      event.caller.exe = exe;
      event.argv = kArguments;
      event.argc = 2;
      Identity identity;
      identity.process.bytes.fill(1);
      identity.pid = pid;
      identity.start_ticks = 500;
      Row row;
      columns.fill(event, identity, row, unknown);
      const auto env = static_cast<size_t>(C::env_bytes);
      const std::string kept = row.has(env) ? std::string(row.cell(env).bytes) : "unknown";
      return kept + "|" + std::string(unknown.text());
    };
    // The made-up process has one namespace of those that this kernel has.
    EXPECT_EQ(fill(7, "/bin/sh", {"A"}), std::string("A=1\0|namespaces", 15));
    EXPECT_EQ(fill(7, "/bin/sh", {"NONE"}), "|namespaces");
    EXPECT_EQ(fill(7, "/bin/sh", {}), "unknown|namespaces");
    EXPECT_EQ(fill(7, "/bin/other", {"A"}), "unknown|capabilities,namespaces,cgroup,environment");
    EXPECT_EQ(fill(8, "/bin/sh", {"A"}), "unknown|capabilities,namespaces,cgroup,environment");
    EXPECT_EQ(fill(8, "/bin/sh", {}), "unknown|capabilities,namespaces,cgroup");
    fixture.tree.write(fixture.tree.root() + "/7/status", "Name:\tsh\n");
    EXPECT_EQ(fill(7, "/bin/sh", {"NONE"}), "|capabilities,namespaces");
    EXPECT_EQ(fixture.counted("exec_facts", "unknown", "capabilities"), 4u);
    EXPECT_EQ(fixture.counted("exec_facts", "unknown", "namespaces"), 7u);
    EXPECT_EQ(fixture.counted("exec_facts", "unknown", "cgroup"), 3u);
    EXPECT_EQ(fixture.counted("exec_facts", "unknown", "environment"), 2u);
  });

  claim("a terminal's number and name say the same", [] {
    for (const char* name : {"pts0", "pts255", "pts256", "tty1", "tty63", "ttyS0"}) {
      EXPECT_EQ(terminal_name(terminal_device(name)), name);
    }
    for (const char* name : {"", "(none)", "pts", "tty64", "ptsx", "hvc0", "pts99999999999"}) {
      EXPECT_EQ(terminal_device(name), 0);
    }
  });

  return run_claims(argc, argv);
}
