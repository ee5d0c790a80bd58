#include "kernel_exclusion.h"

#include <cstring>

namespace auditql {
namespace {

constexpr size_t kMaxKernelExclusions = 64;

/// The programs know neither SELinux types nor beginnings of paths, and an event has no call yet.
bool is_for_kernel(const Exclusion& each) {
  if (each.subject_type || each.exe_prefix || !each.syscalls.empty() || each.is_empty()) {
    return false;
  }
  return (!each.exe || excluded_path(*each.exe)) && (!each.parent || excluded_path(*each.parent));
}

}  // namespace

std::vector<KernelExclusion> kernel_exclusions(std::span<const Exclusion> configured) {
  std::vector<KernelExclusion> exclusions;
  for (const Exclusion& each : configured) {
    if (!is_for_kernel(each)) continue;
    KernelExclusion exclusion;
    exclusion.exe = each.exe;
    exclusion.parent = each.parent;
    exclusion.uid = each.uid;
    exclusion.auid = each.auid;
    exclusions.push_back(exclusion);
  }
  return exclusions;
}

ExclusionTables exclusion_tables(std::span<const KernelExclusion> exclusions,
                                 ebpf_exclusion_masks* masks) {
  ExclusionTables tables;
  const size_t count = std::min(exclusions.size(), kMaxKernelExclusions);
  for (size_t i = 0; i < count; i++) {
    const KernelExclusion& each = exclusions[i];
    const uint64_t bit = uint64_t{1} << i;
    const auto add = [bit](const auto& value, auto& table, uint64_t* any) {
      value ? table[*value] |= bit : * any |= bit;
    };
    const auto add_path = [&](const auto& path, uint64_t ebpf_program_marks::*mark, uint64_t* any) {
      path ? tables.paths[*path].*mark |= bit : * any |= bit;
    };
    add_path(each.exe, &ebpf_program_marks::exe, &masks->any_exe);
    add_path(each.parent, &ebpf_program_marks::parent, &masks->any_parent);
    add_path(each.tree, &ebpf_program_marks::tree, &masks->any_tree);
    add(each.uid, tables.uids, &masks->any_uid);
    add(each.auid, tables.auids, &masks->any_auid);
    add(each.cgroup, tables.cgroups, &masks->any_cgroup);
    add(each.address, tables.addresses, &masks->any_address);
  }
  return tables;
}

std::optional<ebpf_excluded_path> excluded_path(const std::string& path) {
  ebpf_excluded_path key{};
  if (path.size() < 2 || path[0] != '/' || path.size() > sizeof key.text) return std::nullopt;
  size_t used = 0, end = path.size();
  while (end > 0) {
    const size_t slash = path.rfind('/', end - 1);
    const size_t size = end - slash - 1;
    if (size == 0) return std::nullopt;
    std::memcpy(key.text + used, path.data() + slash + 1, size);
    used += size + 1;
    end = slash;
  }
  return key;
}

}  // namespace auditql
