#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// Splits a line of a rules file into words: at spaces and tabs, except inside '…' and "…" and
/// after a backslash. A line that is blank or begins with `#` has no words.
/// auditctl's own files escape blanks as `\ ` and backslashes as `\\`; a backslash before anything
/// else stands for itself, there and here.
Result<std::vector<std::string>> split_rule_words(std::string_view line);

/// The same as `auditctl -R` does it: at spaces only, quotes, tabs and carriage returns being part
/// of a word (preprocess() of src/auditctl.c and audit_strsplit() of audit-userspace).
std::vector<std::string> split_auditctl_words(std::string_view line);

/// Whether the two may differ.
bool has_auditctl_difference(std::string_view line);

}  // namespace auditql
