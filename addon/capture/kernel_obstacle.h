#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// Why the kernel's rule for a program would also be true of others; empty where it would not. The
/// kernel compares the inode that the path had (audit_exe_compare(), audit_mark_compare()), auditql
/// the path that the process runs. A word of the health table:
/// `missing`: whatever comes there may have other names; `link`: it, or a folder on the way, is a
/// symbolic link, so that nothing runs under this path; `not_regular`; `several_names`: hard links;
/// `inodes_repeat`: subvolumes, or the layers of an overlay, count their inodes each on its own.
std::string_view kernel_obstacle(const std::string& program);

/// The same as a part of a sentence that begins with the program's path; empty for `missing`: a
/// configuration may be for hosts that do not have each program.
std::string_view obstacle_text(std::string_view obstacle);

}  // namespace auditql
