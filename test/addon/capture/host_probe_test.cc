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
    EXPECT(names.contains("btf"));
  });

  claim("every backend is found by its name, probes without harm and gives reason and remedy", [] {
    auto health = HealthRegion::in_memory();
    for (const BackendSpec& each : backends()) {
      EXPECT(find_backend(each.name) == &each);
      const auto backend = each.make({}, *health);
      EXPECT_EQ(backend->name(), each.name);
      const Availability available = backend->probe();
      EXPECT_EQ(available.available, available.reason.empty());
      EXPECT_EQ(available.available, available.remedy.empty());
      backend->stop();
    }
    EXPECT(find_backend("none") == nullptr);
  });
  return run_claims(argc, argv);
}
