#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace auditql {

// The words of auditctl(8) and the kernel's numbers for them, both ways. An unknown number has an
// empty name; an unknown name has no number.

std::string_view rule_field_name(uint32_t field);
std::optional<uint32_t> rule_field_number(std::string_view name);

/// `=`, `!=`, `>`, `>=`, `<`, `<=`, `&`, `&=`.
std::string_view rule_operator_text(uint32_t op);

/// Where the operator of `field op value` begins, how long it is and which it is.
struct RuleOperator {
  size_t at = 0;
  size_t length = 0;
  uint32_t op = 0;
};
std::optional<RuleOperator> find_rule_operator(std::string_view comparison);

/// The filter list: exit, task, user, exclude, filesystem, io_uring.
std::string_view rule_list_name(uint32_t list);
std::optional<uint32_t> rule_list_number(std::string_view name);

/// Operations of io_uring that -S can name on the list io_uring (IORING_OP_*).
std::string_view rule_operation_name(uint32_t operation);
std::optional<uint32_t> rule_operation_number(std::string_view name);

std::string_view rule_action_name(uint32_t action);
std::optional<uint32_t> rule_action_number(std::string_view name);

/// -C: which two fields AUDIT_FIELD_COMPARE compares.
struct FieldPair {
  uint32_t left = 0;
  uint32_t right = 0;
};
std::optional<FieldPair> field_pair(uint32_t compare);
/// The kernel knows each pair in one order only; this takes both.
std::optional<uint32_t> field_compare_number(FieldPair pair);

/// -F filetype: the S_IFMT bits of st_mode.
std::optional<uint32_t> file_type_number(std::string_view name);
/// -F fstype: the magic number of statfs(2).
std::string_view filesystem_name(uint32_t magic);
std::optional<uint32_t> filesystem_magic(std::string_view name);

}  // namespace auditql
