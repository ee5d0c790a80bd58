#include "rules/rule_text.h"

#include "check.h"
#include "rules/rule_arch.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::string printed(const char* line) {
  const CompiledRules compiled = compile_rules(line);
  return compiled.commands.size() == 1 ? command_text(compiled.commands[0]) : "(no command)";
}

}  // namespace

int main(int argc, char** argv) {
  claim("a command that is printed compiles to itself", [] {
    const char* lines[] = {"-D",
                           "-D -k mine",
                           "-b 8192",
                           "-r 100",
                           "-e 1",
                           "-f 1",
                           "-i",
                           "-c",
                           "-t",
                           "-q /mnt,/srv",
                           "--backlog_wait_time 60000",
                           "--reset-lost",
                           "--reset_backlog_wait_time_actual",
                           "--loginuid-immutable",
                           "-w /etc/passwd -p wa -k identity",
                           "-W /etc/passwd -p wa -k identity",
                           "-a always,exit -F arch=b64 -S execve -F auid>=1000 -F key=users",
                           "-A never,exit -F arch=b64 -S all -F exe=/usr/bin/true",
                           "-d always,exit -F arch=b64 -S openat -F key=open"};
    for (const char* line : lines) EXPECT_EQ(printed(line), std::string(line));
  });

  claim("the numbers of a call are those of its architecture", [] {
    const auto native = call_numbers("x86_64", "execve");
    EXPECT(native && native->arch == 0xc000003e && native->syscall == 59);
    const auto compat = call_numbers("i386", "execve");
    EXPECT(compat && compat->arch == 0x40000003 && compat->syscall == 11);
    const auto x32 = call_numbers("x32", "execve");
    EXPECT(x32 && x32->arch == 0xc000003e && x32->syscall == (0x40000000 | 520));
    EXPECT(!call_numbers("x86_64", "no_such_call"));
    EXPECT(!call_numbers("pdp11", "execve"));
    EXPECT(!call_numbers("", ""));
  });
  return run_claims(argc, argv);
}
