#pragma once

#include <span>
#include <string>
#include <string_view>
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
/// What the kernel's command line (/proc/cmdline) means for audit.
std::vector<HostCheck> probe_boot(std::string_view command_line);
std::vector<HostCheck> probe_kernel();
/// Whether this process is in the host's own user and pid namespaces.
HostCheck probe_namespaces();
/// Which backend `auto` selects, by what each says before it is started; not ok unless sockets are
/// captured, too.
HostCheck probe_backends();
HostCheck probe_proc_connector();

/// How to give this process those capabilities that it lacks of `names` (lower case, as in
/// `cap_audit_read`); names only what is missing. CAP_SYS_ADMIN stands for some of them.
std::string how_to_grant(std::span<const std::string_view> names);

/// Content of a small file of /proc or /sys, without its last newline; empty when unreadable.
std::string small_file(const std::string& path);

}  // namespace auditql
