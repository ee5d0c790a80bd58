#include "rule_names.h"

#include <linux/audit.h>
#include <sys/stat.h>

#include <span>

namespace auditql {
namespace {

struct Word {
  uint32_t number;
  std::string_view name;
};

// Where two names share a number the first is the one printed.
constexpr Word kFields[] = {
    {AUDIT_PID, "pid"},
    {AUDIT_UID, "uid"},
    {AUDIT_EUID, "euid"},
    {AUDIT_SUID, "suid"},
    {AUDIT_FSUID, "fsuid"},
    {AUDIT_GID, "gid"},
    {AUDIT_EGID, "egid"},
    {AUDIT_SGID, "sgid"},
    {AUDIT_FSGID, "fsgid"},
    {AUDIT_LOGINUID, "auid"},
    {AUDIT_LOGINUID, "loginuid"},
    {AUDIT_PERS, "pers"},
    {AUDIT_ARCH, "arch"},
    {AUDIT_MSGTYPE, "msgtype"},
    {AUDIT_SUBJ_USER, "subj_user"},
    {AUDIT_SUBJ_ROLE, "subj_role"},
    {AUDIT_SUBJ_TYPE, "subj_type"},
    {AUDIT_SUBJ_SEN, "subj_sen"},
    {AUDIT_SUBJ_CLR, "subj_clr"},
    {AUDIT_PPID, "ppid"},
    {AUDIT_OBJ_USER, "obj_user"},
    {AUDIT_OBJ_ROLE, "obj_role"},
    {AUDIT_OBJ_TYPE, "obj_type"},
    {AUDIT_OBJ_LEV_LOW, "obj_lev_low"},
    {AUDIT_OBJ_LEV_HIGH, "obj_lev_high"},
    {AUDIT_SESSIONID, "sessionid"},
    {AUDIT_DEVMAJOR, "devmajor"},
    {AUDIT_DEVMINOR, "devminor"},
    {AUDIT_INODE, "inode"},
    {AUDIT_EXIT, "exit"},
    {AUDIT_SUCCESS, "success"},
    {AUDIT_WATCH, "path"},
    {AUDIT_PERM, "perm"},
    {AUDIT_DIR, "dir"},
    {AUDIT_FILETYPE, "filetype"},
    {AUDIT_FSTYPE, "fstype"},
    {AUDIT_OBJ_UID, "obj_uid"},
    {AUDIT_OBJ_GID, "obj_gid"},
    {AUDIT_FIELD_COMPARE, "field_compare"},
    {AUDIT_ARG0, "a0"},
    {AUDIT_ARG1, "a1"},
    {AUDIT_ARG2, "a2"},
    {AUDIT_ARG3, "a3"},
    {AUDIT_FILTERKEY, "key"},
    {AUDIT_EXE, "exe"},
    {AUDIT_SADDR_FAM, "saddr_fam"},
};

constexpr Word kLists[] = {
    {AUDIT_FILTER_EXIT, "exit"},     {AUDIT_FILTER_TASK, "task"},
    {AUDIT_FILTER_USER, "user"},     {AUDIT_FILTER_EXCLUDE, "exclude"},
    {AUDIT_FILTER_FS, "filesystem"}, {AUDIT_FILTER_URING_EXIT, "io_uring"},
};

// As auditctl names them: lib/uringop_table.h of audit-userspace.
constexpr Word kOperations[] = {
    {9, "sendmsg"},      {10, "recvmsg"},          {13, "accept"},     {16, "connect"},
    {17, "fallocate"},   {18, "openat"},           {19, "close"},      {28, "openat2"},
    {34, "shutdown"},    {35, "renameat"},         {36, "unlinkat"},   {37, "mkdirat"},
    {38, "symlinkat"},   {39, "linkat"},           {40, "msg_ring"},   {41, "fsetxattr"},
    {42, "setxattr"},    {43, "fgetxattr"},        {44, "getxattr"},   {46, "uring_cmd"},
    {48, "sendmsg_zc"},  {50, "waitid"},           {51, "futex_wait"}, {52, "futex_wake"},
    {53, "futex_waitv"}, {54, "fixed_fd_install"}, {55, "ftruncate"},  {56, "bind"},
    {57, "listen"},      {64, "uring_cmd128"},
};

constexpr Word kActions[] = {
    {AUDIT_ALWAYS, "always"}, {AUDIT_NEVER, "never"}, {AUDIT_POSSIBLE, "possible"}};

// Longer operators first: `>=` must not be read as `>`.
constexpr Word kOperators[] = {
    {AUDIT_NOT_EQUAL, "!="},
    {AUDIT_GREATER_THAN_OR_EQUAL, ">="},
    {AUDIT_LESS_THAN_OR_EQUAL, "<="},
    {AUDIT_BIT_TEST, "&="},
    {AUDIT_EQUAL, "="},
    {AUDIT_GREATER_THAN, ">"},
    {AUDIT_LESS_THAN, "<"},
    {AUDIT_BIT_MASK, "&"},
};

constexpr Word kFileTypes[] = {{S_IFSOCK, "socket"}, {S_IFLNK, "link"}, {S_IFREG, "file"},
                               {S_IFBLK, "block"},   {S_IFDIR, "dir"},  {S_IFCHR, "character"},
                               {S_IFIFO, "fifo"}};

constexpr Word kFilesystems[] = {{0x74726163, "tracefs"}, {0x64626720, "debugfs"}};

struct Comparison {
  uint32_t number;
  FieldPair pair;
};

constexpr Comparison kComparisons[] = {
    {AUDIT_COMPARE_UID_TO_OBJ_UID, {AUDIT_UID, AUDIT_OBJ_UID}},
    {AUDIT_COMPARE_GID_TO_OBJ_GID, {AUDIT_GID, AUDIT_OBJ_GID}},
    {AUDIT_COMPARE_EUID_TO_OBJ_UID, {AUDIT_EUID, AUDIT_OBJ_UID}},
    {AUDIT_COMPARE_EGID_TO_OBJ_GID, {AUDIT_EGID, AUDIT_OBJ_GID}},
    {AUDIT_COMPARE_AUID_TO_OBJ_UID, {AUDIT_LOGINUID, AUDIT_OBJ_UID}},
    {AUDIT_COMPARE_SUID_TO_OBJ_UID, {AUDIT_SUID, AUDIT_OBJ_UID}},
    {AUDIT_COMPARE_SGID_TO_OBJ_GID, {AUDIT_SGID, AUDIT_OBJ_GID}},
    {AUDIT_COMPARE_FSUID_TO_OBJ_UID, {AUDIT_FSUID, AUDIT_OBJ_UID}},
    {AUDIT_COMPARE_FSGID_TO_OBJ_GID, {AUDIT_FSGID, AUDIT_OBJ_GID}},
    {AUDIT_COMPARE_UID_TO_AUID, {AUDIT_UID, AUDIT_LOGINUID}},
    {AUDIT_COMPARE_UID_TO_EUID, {AUDIT_UID, AUDIT_EUID}},
    {AUDIT_COMPARE_UID_TO_FSUID, {AUDIT_UID, AUDIT_FSUID}},
    {AUDIT_COMPARE_UID_TO_SUID, {AUDIT_UID, AUDIT_SUID}},
    {AUDIT_COMPARE_AUID_TO_FSUID, {AUDIT_LOGINUID, AUDIT_FSUID}},
    {AUDIT_COMPARE_AUID_TO_SUID, {AUDIT_LOGINUID, AUDIT_SUID}},
    {AUDIT_COMPARE_AUID_TO_EUID, {AUDIT_LOGINUID, AUDIT_EUID}},
    {AUDIT_COMPARE_EUID_TO_SUID, {AUDIT_EUID, AUDIT_SUID}},
    {AUDIT_COMPARE_EUID_TO_FSUID, {AUDIT_EUID, AUDIT_FSUID}},
    {AUDIT_COMPARE_SUID_TO_FSUID, {AUDIT_SUID, AUDIT_FSUID}},
    {AUDIT_COMPARE_GID_TO_EGID, {AUDIT_GID, AUDIT_EGID}},
    {AUDIT_COMPARE_GID_TO_FSGID, {AUDIT_GID, AUDIT_FSGID}},
    {AUDIT_COMPARE_GID_TO_SGID, {AUDIT_GID, AUDIT_SGID}},
    {AUDIT_COMPARE_EGID_TO_FSGID, {AUDIT_EGID, AUDIT_FSGID}},
    {AUDIT_COMPARE_EGID_TO_SGID, {AUDIT_EGID, AUDIT_SGID}},
    {AUDIT_COMPARE_SGID_TO_FSGID, {AUDIT_SGID, AUDIT_FSGID}},
};

std::string_view name_of(std::span<const Word> words, uint32_t number) {
  for (const Word& each : words) {
    if (each.number == number) return each.name;
  }
  return {};
}

std::optional<uint32_t> number_of(std::span<const Word> words, std::string_view name) {
  for (const Word& each : words) {
    if (each.name == name) return each.number;
  }
  return std::nullopt;
}

}  // namespace

std::string_view rule_field_name(uint32_t field) { return name_of(kFields, field); }
std::optional<uint32_t> rule_field_number(std::string_view name) {
  return number_of(kFields, name);
}
std::string_view rule_operator_text(uint32_t op) { return name_of(kOperators, op); }

std::optional<RuleOperator> find_rule_operator(std::string_view comparison) {
  const size_t at = comparison.find_first_of("!=<>&");
  if (at == std::string_view::npos) return std::nullopt;
  for (const Word& each : kOperators) {
    if (comparison.substr(at).starts_with(each.name)) {
      return RuleOperator{at, each.name.size(), each.number};
    }
  }
  return std::nullopt;
}

std::string_view rule_list_name(uint32_t list) {
  return name_of(kLists, list & ~uint32_t{AUDIT_FILTER_PREPEND});
}
std::optional<uint32_t> rule_list_number(std::string_view name) { return number_of(kLists, name); }
std::string_view rule_operation_name(uint32_t operation) { return name_of(kOperations, operation); }
std::optional<uint32_t> rule_operation_number(std::string_view name) {
  return number_of(kOperations, name);
}
std::string_view rule_action_name(uint32_t action) { return name_of(kActions, action); }
std::optional<uint32_t> rule_action_number(std::string_view name) {
  return number_of(kActions, name);
}

std::optional<FieldPair> field_pair(uint32_t compare) {
  for (const Comparison& each : kComparisons) {
    if (each.number == compare) return each.pair;
  }
  return std::nullopt;
}

std::optional<uint32_t> field_compare_number(FieldPair pair) {
  for (const Comparison& each : kComparisons) {
    const bool same = each.pair.left == pair.left && each.pair.right == pair.right;
    const bool swapped = each.pair.left == pair.right && each.pair.right == pair.left;
    if (same || swapped) return each.number;
  }
  return std::nullopt;
}

std::optional<uint32_t> file_type_number(std::string_view name) {
  return number_of(kFileTypes, name);
}
std::string_view filesystem_name(uint32_t magic) { return name_of(kFilesystems, magic); }
std::optional<uint32_t> filesystem_magic(std::string_view name) {
  return number_of(kFilesystems, name);
}

}  // namespace auditql
