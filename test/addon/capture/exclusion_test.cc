#include "capture/exclusion.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "check.h"
#include "rules/rule_arch.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// A host whose only programs are in /usr/bin, and have one name.
ExclusionHost small_host() {
  ExclusionHost host;
  host.rules.arch = AUDIT_ARCH_X86_64;
  host.obstacle = [](const std::string& path) {
    return path.starts_with("/usr/bin/") ? std::string_view() : "missing";
  };
  return host;
}

std::vector<std::string> rules_of(const Exclusion& exclusion) {
  std::vector<std::string> texts;
  const auto rules = exclusion_rules(exclusion, small_host());
  if (!rules) return {"error: " + rules.error().message};
  for (const AuditRule& each : rules.value()) texts.push_back(rule_text(each, AUDIT_ARCH_X86_64));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

int main(int argc, char** argv) {
  claim("what the kernel has fields for becomes one rule with all of them", [] {
    Exclusion exclusion;
    exclusion.exe = "/usr/bin/true";
    exclusion.uid = 0;
    exclusion.auid = 4294967295u;
    exclusion.subject_type = "cron_t";
    const Texts expected = {
        "-a never,exit -S all -F uid=0 -F auid=-1 -F subj_type=cron_t -F exe=/usr/bin/true"};
    EXPECT(rules_of(exclusion) == expected);
  });

  claim("syscalls become one rule for each architecture that has any of them", [] {
    Exclusion exclusion;
    exclusion.uid = 7;
    exclusion.syscalls = {"accept", "connect"};
    // i386 has connect, but accept only through socketcall.
    const Texts expected = {"-a never,exit -F arch=b64 -S connect,accept -F uid=7",
                            "-a never,exit -F arch=b32 -S connect -F uid=7"};
    EXPECT(rules_of(exclusion) == expected);
  });

  claim("prefixes and parents are left to the data plane, with everything beside them", [] {
    Exclusion prefix;
    prefix.exe_prefix = "/opt/";
    prefix.uid = 0;
    EXPECT(rules_of(prefix).empty());
    Exclusion parent;
    parent.parent = "/usr/sbin/cron";
    parent.exe = "/usr/bin/true";
    EXPECT(rules_of(parent).empty());
  });

  claim("a program whose rule would be true of others is no rule, whatever stands beside it", [] {
    Exclusion exclusion;
    exclusion.exe = "/opt/missing/agent";
    EXPECT(rules_of(exclusion).empty());
    EXPECT_EQ(why_no_kernel_rule(exclusion, small_host()), "missing");
    exclusion.uid = 0;
    exclusion.syscalls = {"connect"};
    EXPECT(rules_of(exclusion).empty());
    exclusion.exe_prefix = "/opt/";
    EXPECT_EQ(why_no_kernel_rule(exclusion, small_host()), "no_field");
    Exclusion plain;
    plain.exe = "/usr/bin/true";
    EXPECT_EQ(why_no_kernel_rule(plain, small_host()), "");
  });

  claim("a regular file with one name and an inode of its own is all that the kernel can tell", [] {
    char pattern[] = "/tmp/auditql-exclusion-XXXXXX";
    const std::string folder = std::filesystem::canonical(::mkdtemp(pattern));
    const auto path = [&](const char* name) { return folder + "/" + name; };
    std::ofstream(path("plain")) << "x";
    std::ofstream(path("hard")) << "x";
    std::filesystem::create_hard_link(path("hard"), path("other"));
    std::filesystem::create_symlink(path("plain"), path("soft"));
    std::filesystem::create_directory(path("folder"));
    std::ofstream(path("folder/inside")) << "x";
    std::filesystem::create_directory_symlink(path("folder"), path("way"));
    EXPECT_EQ(kernel_obstacle(path("plain")), "");
    EXPECT_EQ(kernel_obstacle(path("hard")), "several_names");
    EXPECT_EQ(kernel_obstacle(path("other")), "several_names");
    EXPECT_EQ(kernel_obstacle(path("soft")), "link");
    EXPECT_EQ(kernel_obstacle(path("way/inside")), "link");
    EXPECT_EQ(kernel_obstacle(path("folder/../plain")), "link");
    EXPECT_EQ(kernel_obstacle(path("folder")), "not_regular");
    EXPECT_EQ(kernel_obstacle(path("no")), "missing");
    EXPECT_EQ(kernel_obstacle(path("no/such")), "missing");
    std::filesystem::remove(path("other"));
    EXPECT_EQ(kernel_obstacle(path("hard")), "");
    std::filesystem::remove_all(folder);
  });

  claim("an exclusion that could match everything or nothing is refused", [] {
    EXPECT(!check_exclusion({}).ok());
    Exclusion relative;
    relative.exe = "bin/true";
    EXPECT(!check_exclusion(relative).ok());
    Exclusion empty;
    empty.exe_prefix = "";
    EXPECT(!check_exclusion(empty).ok());
    Exclusion unknown;
    unknown.syscalls = {"no_such_call"};
    EXPECT(!check_exclusion(unknown).ok());
    Exclusion no_type;
    no_type.subject_type = "";
    EXPECT(!check_exclusion(no_type).ok());
  });

  claim("its text names every criterion", [] {
    Exclusion exclusion;
    exclusion.exe_prefix = "/opt/";
    exclusion.parent = "/sbin/init";
    exclusion.auid = 1000;
    exclusion.syscalls = {"connect", "bind"};
    EXPECT_EQ(exclusion.text(), std::string("exe_prefix=/opt/ parent=/sbin/init auid=1000 "
                                            "syscalls=connect,bind"));
  });
  return run_claims(argc, argv);
}
