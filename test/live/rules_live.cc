// Needs root and auditctl: make -C addon live
#include <cstdio>

#include "../addon/rules/rule_corpus.h"
#include "audit_host.h"
#include "check.h"
#include "rules/rule_compiler.h"
#include "rules/rule_line.h"
#include "rules/rule_loader.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {

const char* const kMoreRules[] = {
    "-a always,exit -F arch=b64 -S execve,connect -F auid>=1000 -F auid!=unset -F key=users",
    "-a never,exit -F arch=b32 -S all -F exe=/bin/true -F key=quiet",
    "-a always,exit -F arch=b64 -S openat -F exit=-EACCES -F a2&1 -F a1!=0x10 -F key=a -F key=b",
    "-a always,exit -F arch=b64 -S kill -C uid!=obj_uid -C euid=fsuid -F success=1 -F key=kill",
    "-w /etc -p wa -k etc",
    "-a always,exit -F dir=/usr/bin -F perm=x -F filetype=file -F uid=0 -F key=programs",
    "-a always,exclude -F msgtype=CRYPTO_KEY_USER",
    "-a never,user -F uid=4242",
    "-a never,filesystem -F fstype=debugfs",
    "-a always,exit -F arch=b64 -S socket -F saddr_fam=10 -F sessionid=7 -F ppid=3 -F inode=9",
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The rule's words quoted for a shell, with -W for -w and -d for -a.
std::string deleting_options(const std::string& line) {
  std::string options;
  for (std::string word : split_rule_words(line).take()) {
    if (options.empty()) word = word == "-w" ? "-W" : "-d";
    options += "'" + word + "' ";
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  Result<AuditNetlink> opened = AuditNetlink::open();
  const bool is_usable = ::geteuid() == 0 && opened && opened.value().rules().ok() &&
                         output_of("command -v auditctl").size() > 1;
  if (!is_usable || !opened.value().rules().take().empty()) {
    std::printf("skipped: needs root, auditctl and a host without audit rules\n");
    return 0;
  }
  AuditNetlink& audit = opened.value();
  std::vector<std::string> rules(std::begin(kMoreRules), std::end(kMoreRules));
  if (const std::string folder = rule_corpus_folder(); !folder.empty()) {
    for (const GoldenRule& each : golden_rules(folder)) rules.push_back(each.flags);
  }

  claim("a rule loaded by us is listed by auditctl as we print it, and is the one it deletes", [&] {
    size_t loaded = 0, refused = 0, unlike = 0;
    for (const std::string& line : rules) {
      Result<AuditRule> rule = compile_rule(line);
      EXPECT(rule.ok());
      if (!rule) continue;
      if (!audit.add_rule(rule.value()).ok()) {
        refused++;  // e.g. a watch below a folder that this host has not
        continue;
      }
      loaded++;
      const std::vector<AuditRule> held = audit.rules().take();
      const std::vector<std::string> listed = lines_of(rules_text());
      const bool is_alike = held.size() == 1 && listed.size() == 1 && held[0] == rule.value() &&
                            rule_text(held[0]) == listed[0];
      if (!is_alike) {
        unlike++;
        fail(__FILE__, __LINE__, line + " is listed as " + rules_text());
      }
      const std::string deletion = deleting_options(line);
      const std::string said = output_of("auditctl " + deletion);
      if (!audit.rules().take().empty()) {
        fail(__FILE__, __LINE__, "auditctl " + deletion + ": " + said);
        (void)audit.delete_rule(rule.value());
      }
    }
    std::printf("rules: %zu loaded and the same for auditctl, %zu not taken by this kernel\n",
                loaded - unlike, refused);
    EXPECT(2 * loaded > rules.size());
  });

  claim("a file loads, twice without doubling, and its -D -k removes it", [&] {
    const auto load = [&](const char* text) {
      Result<LoadedRules> loaded = load_rules(audit, compile_rules(text).commands);
      EXPECT(loaded.ok());
      return loaded ? loaded.value() : LoadedRules();
    };
    const char* text = "-w /etc/passwd -p wa -k live\n-a always,exit -S kill -k live\n";
    EXPECT_EQ(load(text).added, size_t{2});
    EXPECT_EQ(load(text).already_present, size_t{2});
    EXPECT_EQ(load("-D -k live\n").deleted, size_t{2});
    EXPECT(!load_rules(audit, compile_rules("-w /etc/passwd -p wa -k live\n-e 2\n").commands).ok());
    EXPECT(audit.rules().take().empty());
  });
  AuditHost host;
  const int result = run_claims(argc, argv);
  host.restore();
  return result;
}
