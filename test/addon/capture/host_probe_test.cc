#include "capture/host_probe.h"

#include <set>

#include "capture/all.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("every check that fails says what to do, and names are unique", [] {
    std::set<std::string> names;
    for (const HostCheck& each : probe_host()) {
      EXPECT(names.insert(each.name).second);
      EXPECT(!each.detail.empty());
      EXPECT_EQ(each.ok, each.remedy.empty());
    }
    EXPECT(names.contains("cap_audit_control"));
    EXPECT(names.contains("audit_kernel"));
    EXPECT(names.contains("ebpf_btf"));
    EXPECT(names.contains("backend"));
  });

  claim("only a boot with audit=1 gives every process an audit context", [] {
    const auto older = [](std::string_view command_line) {
      for (const HostCheck& each : probe_boot(command_line)) {
        if (each.name == "audit_older_processes") return each;
      }
      return HostCheck{};
    };
    for (const char* without :
         {"", "quiet splash", "audit=0", "audit_backlog_limit=64", "xaudit=1"}) {
      const HostCheck check = older(without);
      EXPECT(!check.ok);
      EXPECT(check.remedy.find("audit=1") != std::string::npos);
    }
    for (const char* with : {"audit=1", "ro audit=on quiet", "a=b audit=1"}) {
      EXPECT(older(with).ok);
      EXPECT(older(with).remedy.empty());
    }
    for (const char* off : {"audit=0", "quiet audit=off"}) EXPECT(!probe_boot(off).front().ok);
  });

  claim("every backend has its name, probes without harm and gives reason and remedy", [] {
    auto health = HealthRegion::in_memory();
    for (const BackendSpec& each : backends()) {
      const auto backend = each.make({}, *health);
      EXPECT(!each.name.empty());
      const Availability available = backend->probe();
      EXPECT_EQ(available.available, available.reason.empty());
      EXPECT_EQ(available.available, available.remedy.empty());
      backend->stop();
    }
  });
  return run_claims(argc, argv);
}
