#pragma once

#include <string>
#include <vector>

namespace auditql {

/// One line of `auditql doctor`.
struct HostCheck {
  std::string name;    ///< stable identifier: `cap_audit_control`, `audit_owner`, ...
  bool ok = true;      ///< false: something that auditql can do is missing because of this
  std::string detail;  ///< what was found
  std::string remedy;  ///< what to do about it; empty when ok
};

/// Looks at everything that capture depends on, and changes nothing.
std::vector<HostCheck> probe_host();

// The parts of probe_host().
std::vector<HostCheck> probe_capabilities();
std::vector<HostCheck> probe_audit();
std::vector<HostCheck> probe_kernel();
HostCheck probe_proc_connector();

/// Content of a small file of /proc or /sys, without its last newline; empty when unreadable.
std::string small_file(const std::string& path);

}  // namespace auditql
