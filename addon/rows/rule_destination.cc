#include "rule_destination.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "../decode/audit_names.h"
#include "../decode/syscall_kind.h"
#include "../rules/rule_calls.h"
#include "file_calls/file_call.h"

namespace auditql {
namespace {

constexpr size_t kNamedCalls = 8;

bool is_about_files(const AuditRule& rule) {
  return rule.find(AUDIT_WATCH) != nullptr || rule.find(AUDIT_DIR) != nullptr ||
         rule.find(AUDIT_PERM) != nullptr;
}

/// `-F perm=x` alone stands for execve and execveat (include/asm-generic/audit_*.h).
bool is_about_execs(const AuditRule& rule) {
  const RuleField* perm = rule.find(AUDIT_PERM);
  return perm != nullptr && perm->value == AUDIT_PERM_EXEC;
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamedCalls); i++) {
    text += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  if (names.size() > kNamedCalls) {
    text += " and " + std::to_string(names.size() - kNamedCalls) + " other calls";
  }
  return text;
}

constexpr const char* kFilesAreOff =
    "process_file_events is off: list the files under file_paths and set audit_allow_fim_events";

std::string missing_for_calls(const AuditRule& rule, bool has_file_calls) {
  std::vector<std::string_view> untaken, files;
  for (const RuleCall& each : rule_calls(rule)) {
    const std::string_view name = rule_syscall_name(each.arch, each.number);
    if (syscall_kind(arch_of(each.arch), static_cast<int32_t>(each.number)) != SyscallKind::other) {
      continue;
    }
    if (!is_file_call_name(name)) {
      untaken.push_back(name);
    } else if (!has_file_calls) {
      files.push_back(name);
    }
  }
  if (!untaken.empty()) return "no event table records " + listed(untaken);
  if (files.empty()) return {};
  std::string reason = kFilesAreOff;
  reason.append(" to record ").append(listed(files));
  return reason;
}

}  // namespace

std::string missing_destination(const AuditRule& rule, bool has_file_calls) {
  if (rule.action == AUDIT_NEVER) return {};
  switch (rule.list & ~uint32_t{AUDIT_FILTER_PREPEND}) {
    case AUDIT_FILTER_USER:  // messages of user space: user_events
    case AUDIT_FILTER_EXCLUDE:
      return {};
    case AUDIT_FILTER_EXIT:
      break;
    default:
      return "no event table records events of this list; auditql supports the lists exit, user "
             "and "
             "exclude";
  }
  if (!is_about_files(rule)) return missing_for_calls(rule, has_file_calls);
  if (is_about_execs(rule) || has_file_calls) return {};
  return kFilesAreOff;
}

}  // namespace auditql
