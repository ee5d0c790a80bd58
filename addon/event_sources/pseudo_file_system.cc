#include "pseudo_file_system.h"

#include <linux/magic.h>
#include <sys/statfs.h>

#include <algorithm>
#include <iterator>

namespace auditql {

bool is_pseudo_file_system(const std::string& folder) {
  struct statfs info {};
  if (::statfs(folder.c_str(), &info) != 0) return false;
  constexpr long kPseudo[] = {PROC_SUPER_MAGIC,    SYSFS_MAGIC,   CGROUP_SUPER_MAGIC,
                              CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
                              SECURITYFS_MAGIC,    BPF_FS_MAGIC,  DEVPTS_SUPER_MAGIC};
  return std::find(std::begin(kPseudo), std::end(kPseudo), info.f_type) != std::end(kPseudo);
}

}  // namespace auditql
