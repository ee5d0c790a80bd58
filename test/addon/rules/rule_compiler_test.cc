#include "rules/rule_compiler.h"

#include <cstring>

#include "check.h"
#include "rules/rule_line.h"
#include "rules/rule_loader.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {

RuleHost fixed_host() {
  RuleHost host;
  host.arch = AUDIT_ARCH_X86_64;
  host.is_directory = [](const std::string& path) { return path == "/etc"; };
  host.uid_of = [](const std::string& user) {
    return user == "alice" ? std::optional<uint32_t>(1001) : std::nullopt;
  };
  host.gid_of = [](const std::string& group) {
    return group == "wheel" ? std::optional<uint32_t>(10) : std::nullopt;
  };
  return host;
}

AuditRule compiled(const std::string& line) {
  Result<AuditRule> rule = compile_rule(line, fixed_host());
  if (!rule) fail(__FILE__, __LINE__, rule.error().message);
  return rule ? rule.take() : AuditRule();
}

std::string listed(const std::string& line) { return rule_text(compiled(line), AUDIT_ARCH_X86_64); }

std::string problem(const std::string& line) {
  Result<AuditRule> rule = compile_rule(line, fixed_host());
  return rule ? "" : rule.error().message;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void words_and_files() {
  claim("words split at blanks, but not in quotes nor after a backslash", [] {
    const auto words = [](const char* line) { return split_rule_words(line).value(); };
    EXPECT(words("-w '/a b' -k \"c d\"") == (std::vector<std::string>{"-w", "/a b", "-k", "c d"}));
    EXPECT(words("-w /a\\ b\\\\c\\d") == (std::vector<std::string>{"-w", "/a b\\c\\d"}));
    EXPECT(words("  # a comment").empty());
    EXPECT(words("-k ''") == (std::vector<std::string>{"-k", ""}));
    EXPECT(!split_rule_words("-w '/a").ok());
  });

  claim("auditctl's verdict on quotes, tabs, comments and escapes is told, or the difference is",
        [] {
          // Verdicts and keys of auditctl -R, audit 3.0.9: a key of ! is a line that it refuses.
          struct Line {
            const char* text;
            const char* key;
            bool same = true;  ///< this compiler gives the same bytes
          };
          const Line lines[] = {
              {"-a always,exit -F arch=b64 -S execve -F \"auid>=500\" -k q", "!"},
              {"-a always,exit -F arch=b64 -S execve -F 'auid>=500' -k q", "!"},
              {"-a always,exit -F arch=b64 -S \"execve\" -k x", "!"},
              {"-a always,exit -F \"path=/etc/pass wd\" -F perm=wa -F key=x", "!"},
              {"-w \"/etc/passwd\" -p wa -k x", "!"},
              {"-w /etc/passwd -p wa -k \"a b\"", "!"},
              {"-w /etc/passwd -p wa -k \"x\"", "\"x\"", false},
              {"-w /etc/passwd -p wa -k 'x'", "'x'", false},
              {"-w /etc/pass\"wd -p wa -k x", "x"},
              {"-w /etc/pass'wd -p wa -k x", "x"},
              {"-w /etc/pass\\\"wd -p wa -k x", "x", false},
              {"-w /etc/passwd -p wa -k\tx", "\tx", false},
              {"-w /etc/passwd -p wa -k x\ty", "x\ty"},
              {"-w /etc/passwd -p wa -k x\t", "x\t", false},
              {"-w /etc/passwd -p wa -k x\r", "x\r", false},
              {"-w /etc/passwd -p wa -k x\\\ty", "x\\\ty", false},
              {"-w\t/etc/passwd -p wa -k x", "!"},
              {"-w /etc/passwd\t-p wa -k x", "!"},
              {"\t-w /etc/passwd -p wa -k x", "!"},
              {"-w /etc/passwd -p wa -k x # comment", "!"},
              {"-w /etc/passwd -p wa -k x #comment", "!"},
              {"-w /etc/passwd -p wa --key x", "!"},
              {"-b \"8192\"", "!"},
              {"-w /etc/passwd -pwa -kx", "x"},
              {"-w/etc/passwd -pwa -kx", "x"},
              {"-aalways,exit -Farch=b64 -Sexecve -kx", "x"},
              {"  -w   /etc/passwd   -p wa -k x  ", "x"},
              {"-w /etc/pass\\ wd -p wa -k x", "x"},
              {"-w /etc/pass\\\\wd -p wa -k x", "x"},
              {"-w /etc/pass\\wd -p wa -k x", "x"},
              {"-w /etc/passwd -p wa -k a\\ b", "a b"},
              {"-w /etc/a/ -p wa -k x\\", "x\\"},
          };
          for (const auto& [text, key, same] : lines) {
            const CompiledRules rules = compile_rules(text, fixed_host());
            const bool refuses = key == std::string("!");
            EXPECT_EQ(rules.errors.size() + rules.refused.size(), refuses ? size_t{1} : size_t{0});
            EXPECT_EQ(rules.warnings.size(), same ? size_t{0} : size_t{1});
            if (refuses || !same || rules.commands.empty()) continue;
            EXPECT_EQ(std::string(rules.commands[0].rule.key()), std::string(key));
          }
          EXPECT(compile_rules(" # a", fixed_host()).errors.empty());
          EXPECT_EQ(compile_rules("\t# a", fixed_host()).refused.size(), size_t{1});
          EXPECT_EQ(compile_rules("\r", fixed_host()).refused.size(), size_t{1});
          // What auditctl takes as it stands is taken so.
          const CompiledRules literal = compile_rules("-w /etc/pass\"wd -p wa -k x", fixed_host());
          EXPECT_EQ(literal.commands[0].rule.find(AUDIT_WATCH)->text, std::string("/etc/pass\"wd"));
        });

  claim("rules of the list io_uring name operations, and are listed as they were written", [] {
    const auto masked = [](const std::string& operations) {
      return compile_rule("-a always,io_uring " + operations + " -F key=u", fixed_host());
    };
    constexpr std::pair<const char*, uint32_t> kNames[] = {
        {"sendmsg", 9},    {"recvmsg", 10}, {"accept", 13},    {"connect", 16},  {"fallocate", 17},
        {"openat", 18},    {"close", 19},   {"openat2", 28},   {"shutdown", 34}, {"renameat", 35},
        {"unlinkat", 36},  {"mkdirat", 37}, {"symlinkat", 38}, {"linkat", 39},   {"setxattr", 42},
        {"uring_cmd", 46}, {"bind", 56},    {"listen", 57},    {"22", 22}};
    for (const auto& [name, number] : kNames) {
      const auto rule = masked(std::string("-S ") + name);
      EXPECT(rule.ok());
      if (!rule) continue;
      EXPECT_EQ(rule.value().list, uint32_t{AUDIT_FILTER_URING_EXIT});
      AuditRule::SyscallMask mask{};
      mask[number / 32] = 1U << number % 32;
      EXPECT(rule.value().syscalls == mask);
      const std::string text = rule_text(rule.value(), AUDIT_ARCH_X86_64);
      EXPECT_EQ(text, std::string("-a always,io_uring -S ") + name + " -F key=u");
      EXPECT(compile_rule(text, fixed_host()).value() == rule.value());
    }
    for (const char* several : {"-S openat -S openat2", "-S openat,openat2", "-S 18,openat2"}) {
      EXPECT_EQ(masked(several).value().syscalls[0], uint32_t{1U << 18 | 1U << 28});
      EXPECT_EQ(rule_text(masked(several).value(), AUDIT_ARCH_X86_64),
                std::string("-a always,io_uring -S openat,openat2 -F key=u"));
    }
    EXPECT(masked("-S all").value().has_all_syscalls());
    EXPECT_EQ(rule_text(masked("-S all").value(), AUDIT_ARCH_X86_64),
              std::string("-a always,io_uring -S all -F key=u"));
    for (const char* wrong : {"-S execve", "-S open", "-S -1", "-S 99999"}) {
      EXPECT(!masked(wrong).ok());
      EXPECT(mentions(masked(wrong).error().message, "unknown operation of io_uring"));
    }
    EXPECT(!compile_rule("-a always,task -S openat", fixed_host()).ok());
  });

  claim("calls that auditctl lists under another name have its numbers", [] {
    const auto has_only = [](const char* line, uint32_t number) {
      AuditRule::SyscallMask mask{};
      mask[number / 32] = 1U << number % 32;
      return compile_rule(line, fixed_host()).value().syscalls == mask;
    };
    EXPECT(has_only("-a always,exit -S setresuid -k x", 117));
    EXPECT(has_only("-a always,exit -F arch=b32 -S kexec_load -k x", 283));
    EXPECT(has_only("-a always,exit -F arch=b64 -S kexec_load -k x", 246));
  });

  claim("a file compiles in order and names each wrong line", [] {
    const CompiledRules rules = compile_rules(
        "## first\n-D\n-b 8192 -f 1\n\n-e 3\n-w /etc -p wa -k etc\n-a always,exit -S nosuchcall\n"
        "--backlog_wait_time 60000\n--loginuid-immutable\n-D -k mine\n",
        fixed_host());
    EXPECT_EQ(rules.commands.size(), size_t{7});
    EXPECT_EQ(rules.errors.size(), size_t{2});
    EXPECT_EQ(rules.errors[0].line, 5);
    EXPECT(mentions(rules.errors[1].message, "nosuchcall"));
    EXPECT(rules.commands[1].kind == RuleCommand::Kind::set_backlog_limit);
    EXPECT_EQ(rules.commands[1].value, 8192U);
    EXPECT_EQ(rules.commands[3].line, 6);
    EXPECT_EQ(rules.commands[6].text, std::string("mine"));
  });

  claim("-e 2 and -f 2 compile, and are refused at load", [] {
    for (const char* line : {"-e 2", "-f 2"}) {
      const CompiledRules rules = compile_rules(line, fixed_host());
      EXPECT_EQ(rules.commands.size(), size_t{1});
      const Status loadable = check_loadable(rules.commands[0]);
      EXPECT(!loadable.ok());
      if (!loadable) EXPECT_EQ(loadable.error().code, std::string("audit_rule_refused"));
    }
    EXPECT(check_loadable(compile_rules("-e 1").commands[0]).ok());
  });
}

void text_of_rules() {
  claim("rules read back as auditctl -l prints them", [] {
    EXPECT_EQ(listed("-w /etc/ -p wa -k etc"), std::string("-w /etc -p wa -k etc"));
    EXPECT_EQ(listed("-a exit,always -F arch=b64 -S execve -S open -k a -k b"),
              std::string("-a always,exit -F arch=b64 -S open,execve -F key=a -F key=b"));
    EXPECT_EQ(listed("-a always,exit -F arch=b32 -S socketcall -F a0=2"),
              std::string("-a always,exit -F arch=b32 -S socketcall -F a0=0x2"));
    EXPECT_EQ(listed("-A never,exit -F uid=alice -F gid!=wheel -F auid=unset"),
              std::string("-a never,exit -S all -F uid=1001 -F gid!=10 -F auid=-1"));
    EXPECT_EQ(listed("-a always,exit -S all -F exit=-EACCES -F exit!=-13"),
              std::string("-a always,exit -S all -F exit=-EACCES -F exit!=-EACCES"));
    EXPECT_EQ(listed("-a never,task"), std::string("-a never,task"));
    EXPECT_EQ(listed("-a always,exclude -F msgtype=CWD"),
              std::string("-a always,exclude -F msgtype=CWD"));
    EXPECT_EQ(listed("-a always,exit -S all -C euid!=uid -C obj_uid=fsuid"),
              std::string("-a always,exit -S all -C uid!=euid -C fsuid=obj_uid"));
    EXPECT_EQ(listed("-a never,filesystem -F fstype=tracefs"),
              std::string("-a never,filesystem -F fstype=tracefs"));
    EXPECT_EQ(listed("-a always,exit -S all -F path=/bin/su -F perm=x -F key=su"),
              std::string("-w /bin/su -p x -k su"));
  });

  claim("bytes read back to the same rule, and cut bytes are refused", [] {
    const AuditRule rule = compiled("-a always,exit -F arch=b64 -S connect -F exe=/bin/x -k long");
    const std::string bytes = rule.serialize();
    EXPECT(AuditRule::parse(bytes).value() == rule);
    EXPECT(rule.has_key("long"));
    EXPECT(!rule.has_key("lon"));
    for (size_t cut = 0; cut + 4 < bytes.size(); cut++) {
      EXPECT(!AuditRule::parse(std::string_view(bytes).substr(0, cut)).ok());
    }
    std::string wild = bytes;
    std::memset(wild.data() + offsetof(audit_rule_data, field_count), 0xff, 4);
    EXPECT(!AuditRule::parse(wild).ok());
  });
}

void wrong_rules() {
  claim("wrong rules are refused with the reason", [] {
    EXPECT(mentions(problem("-F uid=0"), "must come before"));
    EXPECT(mentions(problem("-a always"), "LIST,ACTION"));
    EXPECT(mentions(problem("-a possible,exit"), "no longer"));
    EXPECT(mentions(problem("-a always,exit -S open -F arch=b64"), "before -S"));
    EXPECT(mentions(problem("-a always,exit -F nosuch=1"), "unknown field"));
    EXPECT(mentions(problem("-a always,exit -F uid"), "operator"));
    EXPECT(mentions(problem("-a always,exit -F uid="), "value"));
    EXPECT(mentions(problem("-a always,exit -F uid=nobodyhere"), "unknown user"));
    EXPECT(mentions(problem("-a always,exit -F exit=-ENOSUCH"), "unknown errno"));
    EXPECT(mentions(problem("-a always,exit -F pid=12x"), "number"));
    EXPECT(mentions(problem("-a always,exit -F exe>/bin/ls"), "= and !="));
    EXPECT(mentions(problem("-a always,exclude -F exit=0"), "exit list"));
    EXPECT(mentions(problem("-a always,exit -F msgtype=CWD"), "exclude and user"));
    EXPECT(mentions(problem("-a always,task -S open"), "-S cannot"));
    EXPECT(mentions(problem("-a always,exit -F pid=1 -k x"), "key requires"));
    EXPECT(mentions(problem("-w relative -k x"), "must start with /"));
    for (const char* field : {"path", "dir", "exe"}) {
      EXPECT(mentions(problem("-a always,exit -F " + std::string(field) + "=bin/x"), "must start"));
    }
    EXPECT(mentions(problem("-w /a -p rwz"), "rwxa"));
    EXPECT(mentions(problem("-w /a -w /b"), "only one"));
    EXPECT(mentions(problem("-a always,exit -C uid=gid"), "cannot compare"));
    EXPECT(mentions(problem("-a always,exit -F saddr_fam=999"), "too large"));
    EXPECT(mentions(problem("-l"), "unknown option"));
    EXPECT(mentions(problem("-w /a -k " + std::string(300, 'k')), "256"));
    EXPECT(mentions(problem("-a always,exit -S 2040"), "unknown syscall"));
  });

  claim("i386 has a call by the name that auditctl alone gives it", [] {
    const auto bytes = [](const std::string& call) {
      return compile_rules("-a always,exit -F arch=b32 -S " + call, fixed_host())
          .commands.at(0)
          .rule.serialize();
    };
    EXPECT(bytes("sys_kexec_load") == bytes("283"));
    EXPECT(mentions(problem("-a always,exit -F arch=b64 -S sys_kexec_load"), "unknown syscall"));
  });
  claim("a rule of more than 64 fields is refused", [] {
    std::string line = "-a always,exit -S open";
    for (int i = 0; i < 64; i++) line += " -F pid!=" + std::to_string(i + 1);
    EXPECT(mentions(problem(line), "too many"));
  });
}

}  // namespace

int main(int argc, char** argv) {
  words_and_files();
  text_of_rules();
  wrong_rules();
  return run_claims(argc, argv);
}
