#include "rows/rule_destination.h"

#include "check.h"
#include "decode/audit_names.h"
#include "decode/syscall_kind.h"
#include "rows/file_calls/file_call.h"
#include "rules/rule_arch.h"
#include "rules/rule_calls.h"
#include "rules/rule_compiler.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::string missing(const std::string& line, bool has_file_calls = false) {
  auto rule = compile_rule(line);
  EXPECT(rule);
  return rule ? missing_destination(rule.value(), has_file_calls) : "no rule: " + line;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  claim("a rule for one call has a table, or the reason names the call, for every call there is",
        [] {
          AuditRule all;
          all.add_all_syscalls();
          size_t taken = 0, refused = 0;
          for (const RuleCall& each : rule_calls(all)) {
            const std::string name(rule_syscall_name(each.arch, each.number));
            AuditRule one;
            one.fields.push_back({AUDIT_ARCH, AUDIT_EQUAL, each.arch, {}});
            one.add_syscall(each.number);
            const std::string reason = missing_destination(one, true);
            const bool is_typed =
                syscall_kind(arch_of(each.arch), static_cast<int32_t>(each.number)) !=
                SyscallKind::other;
            EXPECT_EQ(reason.empty(), is_typed || is_file_call_name(name));
            EXPECT(reason.empty() || contains(reason, name));
            reason.empty() ? taken++ : refused++;
          }
          EXPECT(taken > 30);
          EXPECT(refused > 200);
        });

  claim("of several calls those are named that no table takes", [] {
    const std::string reason = missing("-a always,exit -F arch=b64 -S execve,ptrace,memfd_create");
    EXPECT(contains(reason, "ptrace, memfd_create") || contains(reason, "memfd_create, ptrace"));
    EXPECT(!contains(reason, "execve"));
    EXPECT(contains(missing("-a always,exit -S all -F uid=1000"), "other calls"));
    EXPECT(!missing("-a always,exit -F arch=b32 -S ptrace").empty());
  });

  claim("file calls and watches have a table only while process_file_events is on", [] {
    for (const char* line : {"-w /etc/passwd -p wa -k x", "-a always,exit -F dir=/etc -F perm=r",
                             "-a always,exit -F arch=b64 -S chmod,unlink -k x"}) {
      EXPECT(contains(missing(line), "audit_allow_fim_events"));
      EXPECT_EQ(missing(line, true), "");
    }
    EXPECT_EQ(missing("-w /usr/bin/sudo -p x -k x"), "");
    EXPECT_EQ(missing("-a always,exit -F arch=b64 -S mount", true), "no event table records mount");
  });

  claim("rules that keep records out, or are for messages of user space, are taken", [] {
    for (const char* line :
         {"-a never,exit -F arch=b64 -S ptrace", "-a always,exclude -F msgtype=CWD",
          "-a never,task", "-a always,user -F uid=0",
          "-A always,exit -F arch=b64 -S connect -F success=0"}) {
      EXPECT_EQ(missing(line), "");
    }
    EXPECT(contains(missing("-a always,task"), "exit, user and exclude"));
  });
  return run_claims(argc, argv);
}
