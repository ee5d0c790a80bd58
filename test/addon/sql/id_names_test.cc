#include "sql/values/id_names.h"

#include <grp.h>
#include <pwd.h>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

size_t look_ups = 0;

std::optional<std::string> count_look_up(uint32_t id) {
  look_ups++;
  return id % 2 == 0 ? std::optional("name" + std::to_string(id)) : std::nullopt;
}

bool is_same(const char* expected, const std::string* found) {
  return expected == nullptr ? found == nullptr : found != nullptr && *found == expected;
}

}  // namespace

int main(int argc, char** argv) {
  claim("names are those of getpwuid and getgrgid", [] {
    for (const uint32_t id : {0u, 1u, 4u, 42u, 65534u, 0u, 4123456789u}) {
      const passwd* user = ::getpwuid(id);
      EXPECT(is_same(user == nullptr ? nullptr : user->pw_name, user_name(id)));
      const group* entry = ::getgrgid(id);
      EXPECT(is_same(entry == nullptr ? nullptr : entry->gr_name, group_name(id)));
    }
  });

  claim("the unset id is without a name, and not looked up", [] {
    IdNames names(count_look_up);
    look_ups = 0;
    EXPECT(names.find(4294967295u) == nullptr);
    EXPECT_EQ(look_ups, size_t{0});
  });

  claim("each id is looked up once, also one without a name", [] {
    IdNames names(count_look_up);
    look_ups = 0;
    for (int round = 0; round < 3; round++) {
      EXPECT(is_same("name2", names.find(2)));
      EXPECT(is_same(nullptr, names.find(3)));
    }
    EXPECT_EQ(look_ups, size_t{2});
  });

  claim("when full, the id that was wanted longest ago is forgotten", [] {
    IdNames names(count_look_up);
    for (uint32_t i = 0; i < IdNames::kMaxNames; i++) names.find(i);
    names.find(0);
    names.find(1000000);  // in the place of 1
    look_ups = 0;
    EXPECT(is_same("name0", names.find(0)));
    EXPECT(is_same("name2", names.find(2)));
    EXPECT_EQ(look_ups, size_t{0});
    EXPECT(is_same(nullptr, names.find(1)));
    EXPECT_EQ(look_ups, size_t{1});
  });
  return run_claims(argc, argv);
}
