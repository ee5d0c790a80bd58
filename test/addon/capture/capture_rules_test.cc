#include "capture/capture_rules.h"

#include "check.h"
#include "rules/rule_arch.h"
#include "rules/rule_compiler.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("the own process is left out first, then config's exclusions, then the capture", [] {
    const AuditRule exclusion = compile_rule("-a never,exit -F exe=/bin/noisy").take();
    const AuditRule extra = compile_rule("-w /etc/passwd -p wa -k identity").take();
    const auto rules = capture_rules(4242, {.exclude = {exclusion}, .extra = {extra}}).take();
    EXPECT_EQ(rule_text(rules[0]), std::string("-a never,exit -S all -F pid=4242 -F key=auditql"));
    EXPECT_EQ(rule_text(rules[1]),
              std::string("-a never,exit -S all -F exe=/bin/noisy -F key=auditql"));
    EXPECT_EQ(rule_text(rules.back()), std::string("-w /etc/passwd -p wa -k identity -k auditql"));
    for (const AuditRule& each : rules) EXPECT(each.has_key(kRuleKey));
  });

  claim("b64 and b32 rules hold every captured call, also those through socketcall", [] {
    if (host_arch() != AUDIT_ARCH_X86_64) return;
    const auto rules = capture_rules(1, {}).take();
    EXPECT_EQ(rules.size(), size_t{5});
    for (const char* name : {"execve", "execveat", "fork", "vfork", "clone", "clone3", "exit_group",
                             "connect", "bind", "accept", "accept4", "listen"}) {
      EXPECT(rules[1].has_syscall(*rule_syscall_number(AUDIT_ARCH_X86_64, name)));
      const auto number = rule_syscall_number(AUDIT_ARCH_I386, name);
      if (number) EXPECT(rules[2].has_syscall(*number));
    }
    EXPECT(rules[3].has_syscall(*rule_syscall_number(AUDIT_ARCH_I386, "socketcall")));
  });

  claim("beside another backend only the configuration's rules are loaded", [] {
    const AuditRule exclusion = compile_rule("-a never,exit -F exe=/bin/noisy").take();
    const AuditRule types = compile_rule("-a never,exclude -F msgtype=CWD").take();
    const AuditRule extra = compile_rule("-w /etc/passwd -p wa -k identity").take();
    EXPECT(record_rules(1, {}).take().empty());
    const auto without = record_rules(1, {.exclude = {exclusion, types}, .extra = {}}).take();
    EXPECT_EQ(without.size(), size_t{1});
    EXPECT(without[0].list == AUDIT_FILTER_EXCLUDE && without[0].has_key(kRuleKey));
    EXPECT_EQ(record_rules(1, {.exclude = {exclusion}, .extra = {extra}}).take().size(), size_t{3});
  });

  claim("a key is added once", [] {
    const AuditRule rule = compile_rule("-a always,exit -S open -k auditql").take();
    EXPECT(with_rule_key(rule) == rule);
  });
  return run_claims(argc, argv);
}
