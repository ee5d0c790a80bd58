#pragma once

#include <linux/audit.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// One comparison of a rule: `uid != 0`, `exe = /bin/ls`.
struct RuleField {
  uint32_t field = 0;  ///< AUDIT_UID, AUDIT_EXE, ...
  uint32_t op = 0;     ///< AUDIT_EQUAL, AUDIT_NOT_EQUAL, ...
  uint32_t value = 0;  ///< number; for a string field the kernel gets text.size() instead
  std::string text;    ///< string fields only

  bool operator==(const RuleField&) const = default;
};

/// Whether the kernel reads the field's value from the rule's string buffer
/// (audit_data_to_entry() in kernel/auditfilter.c).
bool is_string_field(uint32_t field);

/// A kernel audit rule: `struct audit_rule_data` without its limits on how it is held.
struct AuditRule {
  using SyscallMask = std::array<uint32_t, AUDIT_BITMASK_SIZE>;

  uint32_t list = AUDIT_FILTER_EXIT;  ///< AUDIT_FILTER_*, with AUDIT_FILTER_PREPEND to go first
  uint32_t action = AUDIT_ALWAYS;     ///< AUDIT_ALWAYS or AUDIT_NEVER
  SyscallMask syscalls{};
  std::vector<RuleField> fields;

  bool operator==(const AuditRule&) const = default;

  void add_syscall(uint32_t number);
  bool has_syscall(uint32_t number) const;
  /// Every syscall. The last 16 bits of the mask are not syscalls but classes of them, which the
  /// kernel clears when it takes a rule (audit_to_entry_common()), so they stay 0 here.
  void add_all_syscalls();
  bool has_all_syscalls() const;

  const RuleField* find(uint32_t field) const;
  /// The rule's key as the kernel holds it (several keys are joined by 0x01), empty without one.
  std::string_view key() const;
  /// Whether one of the rule's keys is `key`.
  bool has_key(std::string_view key) const;

  /// `struct audit_rule_data` as sent with AUDIT_ADD_RULE, zero-padded to 4 bytes as netlink does.
  std::string serialize() const;
  /// The reverse, for what AUDIT_LIST_RULES returns. Refuses lengths that do not add up.
  static Result<AuditRule> parse(std::string_view bytes);
};

}  // namespace auditql
