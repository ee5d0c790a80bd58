#include "capture/file_rules.h"

#include <linux/audit.h>

#include "check.h"
#include "rules/rule_arch.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("a folder is watched as a tree, a file by its name, and only for what is asked", [] {
    const auto made = file_rules({{"/etc", false, false}, {"/etc/passwd", true, true}});
    EXPECT(made.ok());
    const std::vector<AuditRule>& rules = made.value().rules;
    EXPECT(made.value().problems.empty());
    EXPECT(rules.size() >= 2);
    EXPECT_EQ(rules.front().find(AUDIT_DIR)->text, "/etc");
    EXPECT_EQ(rules.front().find(AUDIT_PERM)->value, uint32_t{AUDIT_PERM_WRITE | AUDIT_PERM_ATTR});
    EXPECT_EQ(rules.back().find(AUDIT_WATCH)->text, "/etc/passwd");
    EXPECT_EQ(rules.back().find(AUDIT_PERM)->value,
              uint32_t{AUDIT_PERM_WRITE | AUDIT_PERM_ATTR | AUDIT_PERM_READ});
    EXPECT(rules.front().has_syscall(*rule_syscall_number(host_arch(), "openat")));
    EXPECT(!rules.front().has_syscall(*rule_syscall_number(host_arch(), "read")));
  });
  claim("a path may hold what a rule line cannot", [] {
    const auto made = file_rules({{"/etc/a b -S all", true, false}});
    EXPECT_EQ(made.value().rules.front().find(AUDIT_WATCH)->text, "/etc/a b -S all");
  });
  claim("a file may come later; a folder that is not there is told", [] {
    const auto made = file_rules({{"/etc/no-such-file", true, false}, {"/no/such", false, false}});
    EXPECT_EQ(made.value().rules.front().find(AUDIT_WATCH)->text, "/etc/no-such-file");
    EXPECT_EQ(made.value().problems.size(), 1u);
    EXPECT(made.value().problems.front().starts_with("/no/such does not exist"));
  });
  return run_claims(argc, argv);
}
