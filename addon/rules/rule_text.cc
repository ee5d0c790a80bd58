#include "rule_text.h"

#include <algorithm>
#include <cstdio>

#include "../decode/audit_names.h"
#include "rule_names.h"

namespace auditql {
namespace {

std::string signed_number(uint32_t value) { return std::to_string(static_cast<int32_t>(value)); }

std::string or_number(std::string_view name, uint32_t value) {
  return name.empty() ? signed_number(value) : std::string(name);
}

uint32_t list_of(const AuditRule& rule) { return rule.list & ~uint32_t{AUDIT_FILTER_PREPEND}; }

/// A watch is every syscall, a permission, and nothing but a path and keys beside it.
bool is_watch(const AuditRule& rule) {
  if (!rule.has_all_syscalls() || rule.find(AUDIT_PERM) == nullptr) return false;
  for (const RuleField& each : rule.fields) {
    if (each.field != AUDIT_PERM && each.field != AUDIT_FILTERKEY && each.field != AUDIT_DIR &&
        each.field != AUDIT_WATCH) {
      return false;
    }
  }
  return true;
}

std::string permission_letters(uint32_t bits) {
  std::string letters;
  if (bits & AUDIT_PERM_READ) letters += 'r';
  if (bits & AUDIT_PERM_WRITE) letters += 'w';
  if (bits & AUDIT_PERM_EXEC) letters += 'x';
  if (bits & AUDIT_PERM_ATTR) letters += 'a';
  return letters;
}

std::string arch_text(uint32_t arch) {
  // b32 and b64 mean nothing for a machine that this build has no tables for.
  if (arch_of(arch) != Arch::unknown) return std::string(arch_width(arch));
  char hex[16];
  std::snprintf(hex, sizeof hex, "0x%X", arch);
  return hex;
}

std::string syscalls_text(const AuditRule& rule, uint32_t arch) {
  if (list_of(rule) != AUDIT_FILTER_EXIT && list_of(rule) != AUDIT_FILTER_URING_EXIT) return {};
  if (rule.has_all_syscalls()) return " -S all";
  std::string names;
  for (uint32_t number = 0; number < rule.syscalls.size() * 32; number++) {
    if (!rule.has_syscall(number)) continue;
    const std::string_view name = list_of(rule) == AUDIT_FILTER_EXIT
                                      ? rule_syscall_name(arch, number)
                                      : rule_operation_name(number);
    if (!names.empty()) names += ',';
    names += name.empty() ? std::to_string(number) : std::string(name);
  }
  return names.empty() ? names : " -S " + names;
}

std::string keys_text(const RuleField& field, bool watch) {
  std::string text;
  size_t from = 0;
  while (from < field.text.size()) {
    const size_t end = std::min(field.text.find('\x01', from), field.text.size());
    if (end > from) text += (watch ? " -k " : " -F key=") + field.text.substr(from, end - from);
    from = end + 1;
  }
  return text;
}

std::string exit_text(uint32_t value) {
  const auto number = static_cast<int32_t>(value);
  const std::string_view name = number < 0 ? errno_name(-number) : std::string_view();
  return name.empty() ? std::to_string(number) : "-" + std::string(name);
}

std::string value_text(const RuleField& field) {
  if (is_string_field(field.field)) return field.text;
  switch (field.field) {
    case AUDIT_MSGTYPE:
      return or_number(record_type_name(static_cast<uint16_t>(field.value)), field.value);
    case AUDIT_PERM:
      return permission_letters(field.value);
    case AUDIT_INODE:
      return std::to_string(field.value);
    case AUDIT_EXIT:
      return exit_text(field.value);
    case AUDIT_FSTYPE:
      return or_number(filesystem_name(field.value), field.value);
    case AUDIT_ARG0:
    case AUDIT_ARG1:
    case AUDIT_ARG2:
    case AUDIT_ARG3: {
      char hex[16];
      std::snprintf(hex, sizeof hex, "0x%X", field.value);
      return hex;
    }
    default:
      return signed_number(field.value);
  }
}

std::string comparison_text(const RuleField& field) {
  const auto pair = field_pair(field.value);
  if (!pair) return " -F field_compare=" + std::to_string(field.value);
  return " -C " + std::string(rule_field_name(pair->left)) +
         std::string(rule_operator_text(field.op)) + std::string(rule_field_name(pair->right));
}

std::string field_text(const RuleField& field, bool watch) {
  const std::string op(rule_operator_text(field.op));
  if (field.field == AUDIT_FILTERKEY) return keys_text(field, watch);
  if (field.field == AUDIT_FIELD_COMPARE) return comparison_text(field);
  if (watch && field.field == AUDIT_PERM) return " -p " + permission_letters(field.value);
  if (watch) return "-w " + field.text;
  const std::string_view name = rule_field_name(field.field);
  if (name.empty()) return " f" + std::to_string(field.field) + op + signed_number(field.value);
  return " -F " + std::string(name) + op + value_text(field);
}

using CommandKind = RuleCommand::Kind;

/// `-a …` becomes `-d …`, `-w …` becomes `-W …`; the permissions of a watch stay, as auditctl(8)
/// wants the rule that is deleted to be written in full.
std::string deletion_text(const AuditRule& rule) {
  std::string text = rule_text(rule);
  text[1] = text[1] == 'w' ? 'W' : 'd';
  return text;
}

/// auditctl -l prints every rule with -a, since the kernel's order already says where it stands;
/// a file has to say it.
std::string addition_text(const AuditRule& rule) {
  std::string text = rule_text(rule);
  if ((rule.list & AUDIT_FILTER_PREPEND) != 0 && text[1] == 'a') text[1] = 'A';
  return text;
}

std::string with_number(const char* option, uint32_t value) {
  return std::string(option) + " " + std::to_string(value);
}

}  // namespace

std::string rule_text(const AuditRule& rule, uint32_t host) {
  const bool watch = is_watch(rule);
  std::string text;
  if (!watch) {
    text = "-a " + or_number(rule_action_name(rule.action), rule.action) + "," +
           or_number(rule_list_name(rule.list), list_of(rule));
    const RuleField* arch = rule.find(AUDIT_ARCH);
    if (arch != nullptr) {
      text += " -F arch" + std::string(rule_operator_text(arch->op)) + arch_text(arch->value);
    }
    text += syscalls_text(rule, arch == nullptr ? host : arch->value);
  }
  for (const RuleField& each : rule.fields) {
    if (each.field != AUDIT_ARCH) text += field_text(each, watch);
  }
  return text;
}

std::string command_text(const RuleCommand& command) {
  switch (command.kind) {
    case CommandKind::add_rule:
      return addition_text(command.rule);
    case CommandKind::delete_rule:
      return deletion_text(command.rule);
    case CommandKind::delete_all:
      return command.text.empty() ? "-D" : "-D -k " + command.text;
    case CommandKind::set_enabled:
      return with_number("-e", command.value);
    case CommandKind::set_failure:
      return with_number("-f", command.value);
    case CommandKind::set_rate_limit:
      return with_number("-r", command.value);
    case CommandKind::set_backlog_limit:
      return with_number("-b", command.value);
    case CommandKind::set_backlog_wait_time:
      return with_number("--backlog_wait_time", command.value);
    case CommandKind::reset_lost:
      return "--reset-lost";
    case CommandKind::reset_wait_time_actual:
      return "--reset_backlog_wait_time_actual";
    case CommandKind::lock_loginuid:
      return "--loginuid-immutable";
    case CommandKind::trim_subtrees:
      return "-t";
    case CommandKind::make_equivalent:
      return "-q " + command.text;
    case CommandKind::ignore_errors:
      return "-i";
    case CommandKind::continue_on_error:
      return "-c";
  }
  return {};
}

}  // namespace auditql
