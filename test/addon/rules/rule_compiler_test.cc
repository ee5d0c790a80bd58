#include "rules/rule_compiler.h"

#include <cstring>

#include "check.h"
#include "rules/rule_loader.h"
#include "rules/rule_text.h"
#include "rules/rule_words.h"

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
    EXPECT(mentions(problem("-a always,exit -F pid=1 -k x"), "key needs"));
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
