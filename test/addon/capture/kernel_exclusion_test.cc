#include "capture/ebpf/kernel_exclusion.h"

#include <string_view>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("a path becomes its components from the last to the first", [] {
    const auto key = excluded_path("/usr/bin/true");
    EXPECT(key.has_value());
    using namespace std::string_view_literals;
    EXPECT(std::string_view(key->text, 14) == "true\0bin\0usr\0\0"sv);
    EXPECT(excluded_path("/" + std::string(255, 'a')).has_value());
  });

  claim("what no executed file can be called is no key", [] {
    for (const std::string& path :
         {std::string(), std::string("/"), std::string("true"), std::string("usr/bin/true"),
          std::string("/usr//true"), std::string("/usr/"), "/" + std::string(256, 'a')}) {
      EXPECT(!excluded_path(path).has_value());
    }
  });

  claim("exclusions that the programs cannot decide are left to others", [] {
    Exclusion exe, user, prefix, type, call, nothing, long_path;
    exe.exe = "/usr/bin/true";
    exe.parent = "/usr/bin/sh";
    user.uid = 33;
    user.auid = 1000;
    prefix.exe_prefix = "/usr/";
    type.uid = 0;
    type.subject_type = "unconfined_t";
    call.uid = 0;
    call.syscalls = {"connect"};
    long_path.exe = "/" + std::string(300, 'a');
    const std::vector<Exclusion> all{exe, prefix, type, user, call, nothing, long_path};
    const auto found = kernel_exclusions(all);
    EXPECT_EQ(found.size(), size_t{2});
    EXPECT(found[0].exe == "/usr/bin/true" && found[0].parent == "/usr/bin/sh");
    EXPECT(found[1].uid == 33u && found[1].auid == 1000u && !found[1].exe);
  });

  claim("each exclusion has a bit in every criterion", [] {
    KernelExclusion first, second;
    first.exe = "/usr/bin/true";
    first.uid = 33;
    second.tree = "/usr/bin/true";
    second.address = std::array<uint8_t, 16>{127, 0, 0, 1};
    ebpf_exclusion_masks masks{};
    const std::vector<KernelExclusion> exclusions{first, second};
    const ExclusionTables tables = exclusion_tables(exclusions, &masks);
    const ebpf_program_marks& marks = tables.paths.at("/usr/bin/true");
    EXPECT(marks.exe == 1 && marks.tree == 2 && marks.parent == 0);
    EXPECT_EQ(tables.uids.at(33), uint64_t{1});
    EXPECT(masks.any_exe == 2 && masks.any_uid == 2 && masks.any_tree == 1);
    EXPECT(masks.any_parent == 3 && masks.any_auid == 3 && masks.any_cgroup == 3);
    EXPECT_EQ(masks.any_address, uint64_t{1});
    const std::vector<KernelExclusion> many(70, first);
    ebpf_exclusion_masks full{};
    EXPECT_EQ(exclusion_tables(many, &full).uids.at(33), UINT64_MAX);
  });
  return run_claims(argc, argv);
}
