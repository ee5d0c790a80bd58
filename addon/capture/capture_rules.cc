#include "capture_rules.h"

#include <linux/net.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "../rules/rule_arch.h"
#include "../rules/rule_calls.h"
#include "../rules/rule_compiler.h"

namespace auditql {
namespace {

constexpr const char* kSyscalls[] = {"execve", "execveat", "fork",       "vfork",
                                     "clone",  "clone3",   "exit_group", "connect",
                                     "bind",   "accept",   "accept4",    "listen"};

Status add_rule(const std::string& line, std::vector<AuditRule>* rules) {
  Result<AuditRule> rule = compile_rule(line);
  if (!rule) return rule.error();
  rules->push_back(with_rule_key(rule.take()));
  return Done{};
}

/// One rule per architecture: the kernel tests a rule's syscalls as one bit.
Status add_arch_rules(const std::string& width, std::vector<AuditRule>* rules) {
  const auto arch = arch_number(width, host_arch());
  if (!arch) return Done{};  // e.g. no 32-bit programs on riscv64
  std::string names;
  for (const char* name : kSyscalls) {
    if (!rule_syscall_number(*arch, name)) continue;  // e.g. no fork on aarch64
    if (!names.empty()) names += ',';
    names += name;
  }
  const std::string start = "-a always,exit -F arch=" + width + " -S ";
  if (Status added = add_rule(start + names, rules); !added) return added;
  if (!rule_syscall_number(*arch, "socketcall")) return Done{};
  // i386 programs make socket calls through socketcall(2), a0 telling which.
  static_assert(SYS_BIND == 2 && SYS_CONNECT == 3 && SYS_LISTEN == 4 && SYS_ACCEPT == 5);
  Status ranged = add_rule(start + "socketcall -F a0>=" + std::to_string(SYS_BIND) +
                               " -F a0<=" + std::to_string(SYS_ACCEPT),
                           rules);
  if (!ranged) return ranged;
  return add_rule(start + "socketcall -F a0=" + std::to_string(SYS_ACCEPT4), rules);
}

/// The kernel compares AUDIT_PID with the thread group id (audit_filter_rules()).
Status add_own_rule(uint32_t own_pid, std::vector<AuditRule>* rules) {
  return add_rule("-a never,exit -S all -F pid=" + std::to_string(own_pid), rules);
}

bool is_about_calls(const AuditRule& rule) {
  return (rule.list & ~uint32_t{AUDIT_FILTER_PREPEND}) == AUDIT_FILTER_EXIT;
}

}  // namespace

bool is_captured_call(const AuditRule& rule) {
  const std::vector<RuleCall> calls = rule_calls(rule);
  return std::any_of(calls.begin(), calls.end(), [](const RuleCall& each) {
    const std::string_view name = rule_syscall_name(each.arch, each.number);
    return std::find(std::begin(kSyscalls), std::end(kSyscalls), name) != std::end(kSyscalls);
  });
}

AuditRule with_rule_key(AuditRule rule) {
  if (rule.has_key(kRuleKey)) return rule;
  for (RuleField& each : rule.fields) {
    if (each.field != AUDIT_FILTERKEY) continue;
    each.text += '\x01';
    each.text += kRuleKey;
    each.value = static_cast<uint32_t>(each.text.size());
    return rule;
  }
  rule.fields.push_back({AUDIT_FILTERKEY, AUDIT_EQUAL, static_cast<uint32_t>(kRuleKey.size()),
                         std::string(kRuleKey)});
  return rule;
}

Result<std::vector<AuditRule>> capture_rules(uint32_t own_pid, const ConfiguredRules& configured) {
  std::vector<AuditRule> rules;
  if (Status added = add_own_rule(own_pid, &rules); !added) return added.error();
  for (const AuditRule& each : configured.exclude) rules.push_back(with_rule_key(each));
  for (const char* width : {"b64", "b32"}) {
    if (Status added = add_arch_rules(width, &rules); !added) return added.error();
  }
  for (const AuditRule& each : configured.extra) rules.push_back(with_rule_key(each));
  return rules;
}

Result<std::vector<AuditRule>> record_rules(uint32_t own_pid, const ConfiguredRules& configured) {
  std::vector<AuditRule> rules;
  const bool has_calls = !configured.extra.empty();
  if (has_calls) {
    if (Status added = add_own_rule(own_pid, &rules); !added) return added.error();
  }
  for (const AuditRule& each : configured.exclude) {
    if (has_calls || !is_about_calls(each)) rules.push_back(with_rule_key(each));
  }
  for (const AuditRule& each : configured.extra) rules.push_back(with_rule_key(each));
  return rules;
}

}  // namespace auditql
