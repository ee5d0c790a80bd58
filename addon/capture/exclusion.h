#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../rules/audit_rule.h"
#include "../rules/rule_host.h"
#include "../system/result.h"
#include "kernel_obstacle.h"

namespace auditql {

/// Events that are not kept: those of which everything that is set here is true. All of it is about
/// the process that made the call, after the call: an execve is that of the program it started.
struct Exclusion {
  std::optional<std::string> exe;           ///< file that it runs, as the column path shows it
  std::optional<std::string> exe_prefix;    ///< how that file's path begins
  std::optional<std::string> parent;        ///< file that its parent runs
  std::optional<std::string> subject_type;  ///< type in its SELinux label
  std::optional<uint32_t> uid;
  std::optional<uint32_t> auid;       ///< login user id; 4294967295: never set
  std::vector<std::string> syscalls;  ///< any of these; empty: every call

  /// Whether it says nothing, and so would exclude everything.
  bool is_empty() const;
  /// E.g. `exe=/usr/bin/true uid=0`: its name in the health table.
  std::string text() const;
};

/// Refuses what can match nothing or everything: no criterion, paths that are not absolute,
/// syscalls that this host does not have.
Status check_exclusion(const Exclusion& exclusion);

/// What the rules for an exclusion depend on.
struct ExclusionHost {
  RuleHost rules;
  /// kernel_obstacle() of this host.
  std::function<std::string_view(const std::string& program)> obstacle = kernel_obstacle;
};

/// The `never` rules that keep the events from being made at all; none where the kernel has no
/// field for a criterion, or the rule would be true of other programs as well. Only events that the
/// rules let through reach us and can be counted.
Result<std::vector<AuditRule>> exclusion_rules(const Exclusion& exclusion,
                                               const ExclusionHost& host = ExclusionHost());
/// Why there is no such rule: `no_field`, or a word of kernel_obstacle(); empty where there is one.
std::string_view why_no_kernel_rule(const Exclusion& exclusion,
                                    const ExclusionHost& host = ExclusionHost());

/// What the exclusion does in another way than its writer may think; empty where nothing.
std::string exclusion_warning(const Exclusion& exclusion);
/// The same of a rule that names a program.
std::string rule_warning(const AuditRule& rule);

}  // namespace auditql
