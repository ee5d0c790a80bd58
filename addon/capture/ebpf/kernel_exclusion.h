#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../exclusion.h"
#include "program_settings.h"

namespace auditql {

/// What the eBPF programs leave out: events of which everything that is set here is true.
struct KernelExclusion {
  std::optional<std::string> exe;     ///< path of the file that the process runs
  std::optional<std::string> parent;  ///< path of the file that its parent runs
  std::optional<std::string> tree;    ///< path of a file that it or an ancestor runs
  std::optional<uint32_t> uid, auid;
  std::optional<uint64_t> cgroup;                  ///< inode of the cgroup v2
  std::optional<std::array<uint8_t, 16>> address;  ///< remote; IPv4 in the first four bytes
};

/// Those of the configured exclusions that the programs can decide alone; the others are left to
/// whoever reads the events.
std::vector<KernelExclusion> kernel_exclusions(std::span<const Exclusion> configured);

/// Exclusions as the programs look them up: by value of a criterion, the bits of those that it is
/// true of. At most 64; more are left out.
struct ExclusionTables {
  std::map<std::string, ebpf_program_marks> paths;
  std::map<uint32_t, uint64_t> uids, auids;
  std::map<uint64_t, uint64_t> cgroups;
  std::map<std::array<uint8_t, 16>, uint64_t> addresses;
};
/// Sets the masks, but not their generation.
ExclusionTables exclusion_tables(std::span<const KernelExclusion> exclusions,
                                 ebpf_exclusion_masks* masks);

/// A path as the programs write it: components from the last to the first, each with a NUL. Absent
/// for one that is too long or not absolute.
std::optional<ebpf_excluded_path> excluded_path(const std::string& path);

}  // namespace auditql
