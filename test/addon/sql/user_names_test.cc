#include "sql/user_names.h"

#include <pwd.h>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("names are those of getpwuid", [] {
    UserNames names;
    for (const uint32_t uid : {0u, 1u, 65534u, 0u}) {
      const passwd* entry = ::getpwuid(uid);
      const std::string* name = names.find(uid);
      EXPECT((entry == nullptr) == (name == nullptr));
      if (entry != nullptr && name != nullptr) EXPECT_EQ(*name, std::string(entry->pw_name));
    }
  });

  claim("the unset id, and ids that no user has, are without a name", [] {
    UserNames names;
    EXPECT(names.find(4294967295u) == nullptr);
    EXPECT(names.find(4123456789u) == nullptr);
    EXPECT(names.find(4123456789u) == nullptr);
  });

  claim("more ids than are remembered are all answered", [] {
    UserNames names;
    const bool has_root = names.find(0) != nullptr;
    for (uint32_t i = 0; i < 2 * UserNames::kMaxNames; i++) names.find(4000000000u + i);
    EXPECT_EQ(names.find(0) != nullptr, has_root);
  });
  return run_claims(argc, argv);
}
