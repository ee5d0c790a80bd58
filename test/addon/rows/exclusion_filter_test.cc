#include "rows/filters/exclusion_filter.h"

#include <unistd.h>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

uint64_t count(const HealthRegion& health, std::string_view name, std::string_view metric) {
  for (const HealthRow& row : health.rows()) {
    if (row.stage == "capture" && row.name == name && row.metric == metric) return row.value;
  }
  return UINT64_MAX;
}

Caller caller_of(std::string_view exe) {
  Caller caller;
  caller.pid = 100;
  caller.parent = 1;
  caller.exe = exe;
  caller.credentials.known = true;
  caller.credentials.uid = 1000;
  caller.credentials.auid = 1000;
  caller.subject = "system_u:system_r:cron_t:s0-s0:c0.c1023";
  return caller;
}

bool excludes_exec(const ExclusionFilter& filter, const Caller& caller) {
  constexpr std::string_view kCall = "execve";
  return filter.excludes({caller, {&kCall, 1}, {}});
}

struct Filter {
  explicit Filter(const Exclusion& exclusion)
      : health(HealthRegion::in_memory()), filter({{exclusion}, false, 0}, *health) {}
  bool excludes(const Caller& caller, std::string_view syscall = "execve",
                std::string_view parent = {}) {
    return filter.excludes({caller, {&syscall, 1}, parent});
  }
  std::unique_ptr<HealthRegion> health;
  ExclusionFilter filter;
};

}  // namespace

int main(int argc, char** argv) {
  claim("a path matches whole, a prefix at its start", [] {
    Exclusion exact;
    exact.exe = "/opt/agent";
    Filter by_path(exact);
    EXPECT(by_path.excludes(caller_of("/opt/agent")));
    EXPECT(!by_path.excludes(caller_of("/opt/agent2")));
    EXPECT(!by_path.excludes(caller_of("")));
    Exclusion start;
    start.exe_prefix = "/opt/";
    Filter by_prefix(start);
    EXPECT(by_prefix.excludes(caller_of("/opt/x/y")));
    EXPECT(!by_prefix.excludes(caller_of("/usr/opt/x")));
  });

  claim("all criteria must be true", [] {
    Exclusion exclusion;
    exclusion.exe = "/bin/x";
    exclusion.uid = 1000;
    exclusion.syscalls = {"connect", "bind"};
    Filter filter(exclusion);
    EXPECT(filter.excludes(caller_of("/bin/x"), "bind"));
    EXPECT(!filter.excludes(caller_of("/bin/x"), "execve"));
    EXPECT(!filter.excludes(caller_of("/bin/y"), "bind"));
    Caller root = caller_of("/bin/x");
    root.credentials.uid = 0;
    EXPECT(!filter.excludes(root, "bind"));
  });

  claim("what is not known does not match: such an event is kept", [] {
    Exclusion by_id;
    by_id.auid = 4294967295u;
    Filter ids(by_id);
    Caller unknown = caller_of("/bin/x");
    unknown.credentials = {};
    EXPECT(!ids.excludes(unknown));
    unknown.credentials.known = true;
    EXPECT(ids.excludes(unknown));
    Exclusion by_parent;
    by_parent.parent = "/sbin/cron";
    Filter parents(by_parent);
    EXPECT(parents.filter.needs_parent());
    EXPECT(!parents.excludes(caller_of("/bin/x")));
    EXPECT(parents.excludes(caller_of("/bin/x"), "execve", "/sbin/cron"));
  });

  claim("the type is the third part of an SELinux label", [] {
    Exclusion exclusion;
    exclusion.subject_type = "cron_t";
    Filter filter(exclusion);
    EXPECT(filter.excludes(caller_of("/bin/x")));
    Caller plain = caller_of("/bin/x");
    plain.subject = "u:r:cron_t";
    EXPECT(filter.excludes(plain));
    for (const char* other : {"", "unconfined", "cron_t", "u:cron_t", "u:r:other_t:s0"}) {
      plain.subject = other;
      EXPECT(!filter.excludes(plain));
    }
  });

  claim("each exclusion counts what it kept out, and says how many rules the kernel has", [] {
    Exclusion exclusion;
    exclusion.uid = 1000;
    auto health = HealthRegion::in_memory();
    const ExclusionFilter filter({{exclusion}, true, 0}, *health);
    const Caller caller = caller_of("/bin/x");
    for (int i = 0; i < 3; i++) EXPECT(excludes_exec(filter, caller));
    EXPECT_EQ(count(*health, "uid=1000", "excluded"), uint64_t{3});
    EXPECT_EQ(count(*health, "uid=1000", "kernel_rules"), uint64_t{1});
    const ExclusionFilter other({{exclusion}, false, 0}, *health);
    EXPECT_EQ(count(*health, "uid=1000", "kernel_rules"), uint64_t{0});
  });

  claim("of calls that it may have been, one that is listed is enough; an unknown call is kept",
        [] {
          Exclusion exclusion;
          exclusion.syscalls = {"clone"};
          Filter filter(exclusion);
          const Caller caller = caller_of("/bin/x");
          constexpr std::string_view kForks[] = {"fork", "vfork", "clone", "clone3"};
          EXPECT(filter.filter.excludes({caller, kForks, {}}));
          EXPECT(!filter.filter.excludes({caller, std::span(kForks, 2), {}}));
          EXPECT(!filter.filter.excludes({caller, {}, {}}));
        });

  claim("replaced exclusions hold from the next adoption on, and keep their counts", [] {
    Exclusion first, second;
    first.uid = 1000;
    second.exe = "/bin/x";
    auto health = HealthRegion::in_memory();
    ExclusionFilter filter({{first}, true, 0}, *health);
    const Caller caller = caller_of("/bin/x");
    EXPECT(excludes_exec(filter, caller));
    filter.replace({});
    filter.replace({second});
    EXPECT(excludes_exec(filter, caller));
    EXPECT_EQ(count(*health, "uid=1000", "excluded"), uint64_t{2});
    EXPECT_EQ(count(*health, "uid=1000", "kernel_rules"), uint64_t{0});
    filter.adopt();
    EXPECT(excludes_exec(filter, caller));
    EXPECT_EQ(count(*health, "uid=1000", "excluded"), uint64_t{2});
    EXPECT_EQ(count(*health, "exe=/bin/x", "excluded"), uint64_t{1});
    // The host has no such program.
    EXPECT_EQ(count(*health, "exe=/bin/x", "kernel_rules"), uint64_t{0});
    EXPECT_EQ(count(*health, "exe=/bin/x", "not_in_kernel"), uint64_t{1});
    EXPECT_EQ(count(*health, "uid=1000", "not_in_kernel"), UINT64_MAX);
    filter.replace({first});
    filter.adopt();
    EXPECT(excludes_exec(filter, caller));
    EXPECT_EQ(count(*health, "uid=1000", "excluded"), uint64_t{3});
    EXPECT_EQ(count(*health, "exe=/bin/x", "not_in_kernel"), uint64_t{0});
  });

  claim("execs are hidden where a rule of the kernel covers them", [] {
    const auto hides = [](const Exclusion& exclusion, bool in_kernel) {
      auto health = HealthRegion::in_memory();
      return ExclusionFilter({{exclusion}, in_kernel, 0}, *health).hides_execs();
    };
    Exclusion exclusion;
    exclusion.uid = 1;
    EXPECT(hides(exclusion, true));
    EXPECT(!hides(exclusion, false));
    exclusion.syscalls = {"connect"};
    EXPECT(!hides(exclusion, true));
    exclusion.syscalls = {"connect", "execve"};
    EXPECT(hides(exclusion, true));
    exclusion.exe_prefix = "/opt/";
    EXPECT(!hides(exclusion, true));
  });

  claim("children of the daemon that run its program are its workers, others are not", [] {
    auto health = HealthRegion::in_memory();
    const ExclusionFilter filter({{}, false, static_cast<int32_t>(::getpid())}, *health);
    char path[4096];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    Caller worker = caller_of({path, static_cast<size_t>(size)});
    EXPECT(!excludes_exec(filter, worker));
    worker.parent = ::getpid();
    EXPECT(excludes_exec(filter, worker));
    worker.exe = "/bin/sh";
    EXPECT(!excludes_exec(filter, worker));
    EXPECT_EQ(count(*health, "own_workers", "excluded"), uint64_t{1});
  });
  return run_claims(argc, argv);
}
