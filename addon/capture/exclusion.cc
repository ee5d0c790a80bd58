#include "exclusion.h"

#include <climits>
#include <cstdlib>

#include "../rules/rule_arch.h"
#include "../system/name_list.h"

namespace auditql {
namespace {

Error invalid_exclusion(const std::string& message) {
  return Error{"audit_rule_invalid", "an exclusion " + message, 0};
}

Status check_path(const char* name, const std::optional<std::string>& path) {
  if (!path || (!path->empty() && path->front() == '/')) return Done{};
  return invalid_exclusion(std::string("requires an absolute path: ") + name + "=" + *path);
}

bool is_syscall_of(const RuleHost& host, const std::string& name) {
  for (const char* width : {"b64", "b32"}) {
    const auto arch = arch_number(width, host.arch);
    if (arch && rule_syscall_number(*arch, name)) return true;
  }
  return false;
}

RuleField number_field(uint32_t field, uint32_t value) { return {field, AUDIT_EQUAL, value, {}}; }

RuleField text_field(uint32_t field, const std::string& text) {
  return {field, AUDIT_EQUAL, static_cast<uint32_t>(text.size()), text};
}

AuditRule rule_without_syscalls(const Exclusion& exclusion) {
  AuditRule rule;
  rule.list = AUDIT_FILTER_EXIT;
  rule.action = AUDIT_NEVER;
  if (exclusion.uid) rule.fields.push_back(number_field(AUDIT_UID, *exclusion.uid));
  if (exclusion.auid) rule.fields.push_back(number_field(AUDIT_LOGINUID, *exclusion.auid));
  if (exclusion.subject_type) {
    rule.fields.push_back(text_field(AUDIT_SUBJ_TYPE, *exclusion.subject_type));
  }
  if (exclusion.exe) rule.fields.push_back(text_field(AUDIT_EXE, *exclusion.exe));
  return rule;
}

/// One rule per architecture: the numbers of a rule's mask mean other calls on each.
void add_syscall_rules(const AuditRule& rule, const Exclusion& exclusion, const RuleHost& host,
                       std::vector<AuditRule>* rules) {
  for (const char* width : {"b64", "b32"}) {
    const auto arch = arch_number(width, host.arch);
    if (!arch) continue;
    AuditRule limited = rule;
    bool has_any = false;
    for (const std::string& name : exclusion.syscalls) {
      const auto number = rule_syscall_number(*arch, name);
      if (number) limited.add_syscall(*number);
      has_any = has_any || number.has_value();
    }
    if (!has_any) continue;
    limited.fields.insert(limited.fields.begin(), number_field(AUDIT_ARCH, *arch));
    rules->push_back(std::move(limited));
  }
}

}  // namespace

bool Exclusion::is_empty() const {
  return !exe && !exe_prefix && !parent && !subject_type && !uid && !auid && syscalls.empty();
}

std::string Exclusion::text() const {
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    text += (text.empty() ? "" : " ") + std::string(name) + "=" + value;
  };
  if (exe) add("exe", *exe);
  if (exe_prefix) add("exe_prefix", *exe_prefix);
  if (parent) add("parent", *parent);
  if (subject_type) add("subject_type", *subject_type);
  if (uid) add("uid", std::to_string(*uid));
  if (auid) add("auid", std::to_string(*auid));
  if (!syscalls.empty()) add("syscalls", name_list(syscalls, ","));
  return text;
}

Status check_exclusion(const Exclusion& exclusion) {
  if (exclusion.is_empty())
    return invalid_exclusion("without a criterion would exclude every event");
  if (Status path = check_path("exe", exclusion.exe); !path) return path;
  if (Status path = check_path("exe_prefix", exclusion.exe_prefix); !path) return path;
  if (Status path = check_path("parent", exclusion.parent); !path) return path;
  if (exclusion.subject_type && exclusion.subject_type->empty()) {
    return invalid_exclusion("requires an SELinux type: subject_type=");
  }
  const RuleHost host;
  for (const std::string& name : exclusion.syscalls) {
    if (!is_syscall_of(host, name)) return invalid_exclusion("names an unknown syscall: " + name);
  }
  return Done{};
}

std::string_view why_no_kernel_rule(const Exclusion& exclusion, const ExclusionHost& host) {
  if (exclusion.exe_prefix || exclusion.parent) return "no_field";
  return exclusion.exe ? host.obstacle(*exclusion.exe) : std::string_view();
}

Result<std::vector<AuditRule>> exclusion_rules(const Exclusion& exclusion,
                                               const ExclusionHost& host) {
  if (Status sound = check_exclusion(exclusion); !sound) return sound.error();
  std::vector<AuditRule> rules;
  if (!why_no_kernel_rule(exclusion, host).empty()) return rules;
  AuditRule rule = rule_without_syscalls(exclusion);
  if (exclusion.syscalls.empty()) {
    rule.add_all_syscalls();
    rules.push_back(std::move(rule));
  } else {
    add_syscall_rules(rule, exclusion, host.rules, &rules);
  }
  return rules;
}

std::string exclusion_warning(const Exclusion& exclusion) {
  if (!exclusion.exe) return {};
  const std::string_view obstacle = kernel_obstacle(*exclusion.exe);
  const std::string_view text = obstacle_text(obstacle);
  if (text.empty()) return {};
  const std::string start = *exclusion.exe + " " + std::string(text);
  if (obstacle == "link") {
    char real[PATH_MAX];
    const bool leads = ::realpath(exclusion.exe->c_str(), real) != nullptr;
    return start + ": no process runs under this path" +
           (leads ? "; use " + std::string(real) + " instead" : "");
  }
  return start +
         ": the kernel cannot match only this path, so auditql reads its events and drops "
         "them "
         "itself";
}

std::string rule_warning(const AuditRule& rule) {
  for (const RuleField& each : rule.fields) {
    const bool is_file = each.field == AUDIT_EXE || each.field == AUDIT_WATCH;
    const std::string_view text = is_file ? obstacle_text(kernel_obstacle(each.text)) : "";
    if (text.empty()) continue;
    return each.text + " " + std::string(text) +
           ": the kernel compares its inode, so the rule may match other files, or none" +
           (each.field == AUDIT_EXE ? "; use the criterion {\"exe\": ...} to compare the path"
                                    : "");
  }
  return {};
}

}  // namespace auditql
