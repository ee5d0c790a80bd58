#pragma once

#include <string>
#include <vector>

#include "../rules/audit_rule.h"
#include "../system/result.h"

namespace auditql {

/// Files whose use is to be recorded.
struct FileRuleRoot {
  std::string path;      ///< a folder with all below it, or a file
  bool is_file = false;  ///< a folder is meant too when it is one; else a file that may come later
  bool with_accesses = false;  ///< reads too
};

struct FileRules {
  std::vector<AuditRule> rules;
  std::vector<std::string> problems;  ///< roots that cannot be watched, and why
};

/// The kernel's rules for calls that change or, with accesses, read what is below the roots. The
/// kernel takes no rule for a folder that does not exist; the rules hold for what comes later in
/// one that does.
Result<FileRules> file_rules(const std::vector<FileRuleRoot>& roots);

}  // namespace auditql
