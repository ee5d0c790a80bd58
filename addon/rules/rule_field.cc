#include "rule_field.h"

#include <linux/limits.h>
#include <sys/socket.h>

#include <charconv>

#include "../decode/audit_names.h"
#include "rule_arch.h"
#include "rule_names.h"

namespace auditql {
namespace {

bool is_exit_only(uint32_t field) {
  switch (field) {
    case AUDIT_EXIT:
    case AUDIT_SUCCESS:
    case AUDIT_DEVMAJOR:
    case AUDIT_DEVMINOR:
    case AUDIT_INODE:
    case AUDIT_PPID:
    case AUDIT_PERM:
    case AUDIT_FILETYPE:
    case AUDIT_OBJ_USER:
    case AUDIT_OBJ_ROLE:
    case AUDIT_OBJ_TYPE:
    case AUDIT_OBJ_LEV_LOW:
    case AUDIT_OBJ_LEV_HIGH:
    case AUDIT_WATCH:
    case AUDIT_DIR:
      return true;
    default:
      return false;
  }
}

bool is_allowed_in_exclude(uint32_t field) {
  switch (field) {
    case AUDIT_PID:
    case AUDIT_UID:
    case AUDIT_GID:
    case AUDIT_LOGINUID:
    case AUDIT_MSGTYPE:
    case AUDIT_SUBJ_USER:
    case AUDIT_SUBJ_ROLE:
    case AUDIT_SUBJ_TYPE:
    case AUDIT_SUBJ_SEN:
    case AUDIT_SUBJ_CLR:
    case AUDIT_EXE:
    case AUDIT_SESSIONID:
    case AUDIT_FILTERKEY:
      return true;
    default:
      return false;
  }
}

bool takes_equality_only(uint32_t field) {
  switch (field) {
    case AUDIT_SUBJ_SEN:
    case AUDIT_SUBJ_CLR:
    case AUDIT_OBJ_LEV_LOW:
    case AUDIT_OBJ_LEV_HIGH:
      return false;  // sensitivity levels have an order
    case AUDIT_ARCH:
    case AUDIT_INODE:
    case AUDIT_FSTYPE:
    case AUDIT_FILETYPE:
      return true;
    default:
      return is_string_field(field);
  }
}

/// Which fields a list takes (auditctl(8); audit_field_valid() in the kernel).
Status check_list(uint32_t field, uint32_t list) {
  const std::string name(rule_field_name(field));
  if (list != AUDIT_FILTER_EXIT && is_exit_only(field)) {
    return invalid_rule(name + " can only be used with the exit list");
  }
  if (list == AUDIT_FILTER_EXCLUDE && !is_allowed_in_exclude(field)) {
    return invalid_rule(
        name +
        " cannot be used with the exclude list, which supports msgtype, *uid, *gid, "
        "pid, subj_*, sessionid and exe");
  }
  if (field == AUDIT_MSGTYPE && list != AUDIT_FILTER_EXCLUDE && list != AUDIT_FILTER_USER) {
    return invalid_rule("msgtype can only be used with the exclude and user lists");
  }
  if (field == AUDIT_FSTYPE && list != AUDIT_FILTER_FS) {
    return invalid_rule("fstype can only be used with the filesystem list");
  }
  return Done{};
}

Status check_operator(uint32_t field, uint32_t op) {
  const std::string name(rule_field_name(field));
  if (field == AUDIT_PERM && op != AUDIT_EQUAL) return invalid_rule("perm supports = only");
  if (takes_equality_only(field) && op != AUDIT_EQUAL && op != AUDIT_NOT_EQUAL) {
    return invalid_rule(name + " supports = and != only");
  }
  return Done{};
}

bool is_user_field(uint32_t field) {
  return (field >= AUDIT_UID && field <= AUDIT_FSUID) || field == AUDIT_LOGINUID ||
         field == AUDIT_OBJ_UID;
}

bool is_group_field(uint32_t field) {
  return (field >= AUDIT_GID && field <= AUDIT_FSGID) || field == AUDIT_OBJ_GID;
}

Result<uint32_t> id_value(uint32_t field, const std::string& text, const RuleHost& host) {
  if (const auto number = parse_rule_number(text)) return *number;
  if (text == "unset") return UINT32_MAX;
  const bool is_user = is_user_field(field);
  const auto found = is_user ? host.uid_of(text) : host.gid_of(text);
  if (!found) return invalid_rule((is_user ? "unknown user: " : "unknown group: ") + text);
  return *found;
}

/// `exit=-EACCES`, `exit=-13`, `exit=0`.
Result<uint32_t> exit_value(const std::string& text) {
  if (const auto number = parse_rule_number(text)) return *number;
  const bool is_negative = text.starts_with('-');
  const auto number = errno_number(is_negative ? std::string_view(text).substr(1) : text);
  if (!number) return invalid_rule("unknown errno: " + text);
  return static_cast<uint32_t>(is_negative ? -*number : *number);
}

template <typename Number>
Result<uint32_t> known(const std::optional<Number>& number, const std::string& problem) {
  if (!number) return invalid_rule(problem);
  return static_cast<uint32_t>(*number);
}

Result<uint32_t> socket_family_value(const std::string& text) {
  const auto number = parse_rule_number(text);
  if (!number) return invalid_rule("saddr_fam requires the number of an address family: " + text);
  if (*number >= AF_MAX) return invalid_rule("saddr_fam is too large: " + text);
  return *number;
}

Result<uint32_t> message_type_value(const std::string& text) {
  if (const auto number = parse_rule_number(text)) return *number;
  const uint32_t type = record_type_number(text);
  if (type == 0) return invalid_rule("unknown message type: " + text);
  return type;
}

Result<uint32_t> field_value(uint32_t field, const std::string& text, const RuleHost& host) {
  if (is_user_field(field) || is_group_field(field)) return id_value(field, text, host);
  const auto number = parse_rule_number(text);
  switch (field) {
    case AUDIT_EXIT:
      return exit_value(text);
    case AUDIT_MSGTYPE:
      return message_type_value(text);
    case AUDIT_ARCH:
      return known(arch_number(text, host.arch), "unknown architecture: " + text);
    case AUDIT_PERM:
      return parse_permissions(text);
    case AUDIT_FILETYPE:
      return known(file_type_number(text), "unknown file type: " + text);
    case AUDIT_FSTYPE:
      return known(number ? number : filesystem_magic(text), "unknown file system: " + text);
    case AUDIT_SESSIONID:
      if (text == "unset") return UINT32_MAX;
      break;
    case AUDIT_SADDR_FAM:
      return socket_family_value(text);
    default:
      break;
  }
  return known(number, std::string(rule_field_name(field)) + " requires a number: " + text);
}

Result<RuleField> string_field(RuleField field, const std::string& text) {
  const bool is_path =
      field.field == AUDIT_WATCH || field.field == AUDIT_DIR || field.field == AUDIT_EXE;
  // audit_to_watch(), audit_make_tree() and audit_alloc_mark() refuse others with EINVAL alone.
  if (is_path && !text.starts_with('/')) return invalid_rule("a path must start with /: " + text);
  const size_t limit = field.field == AUDIT_FILTERKEY ? AUDIT_MAX_KEY_LEN : PATH_MAX;
  if (text.size() > limit) {
    return invalid_rule(std::string(rule_field_name(field.field)) + " is longer than " +
                        std::to_string(limit) + " bytes");
  }
  field.text = text;
  field.value = static_cast<uint32_t>(text.size());
  return field;
}

}  // namespace

std::optional<uint32_t> parse_rule_number(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  uint32_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  if (error != std::errc() || end != last) return std::nullopt;
  if (is_negative && number > uint32_t{INT32_MAX} + 1) return std::nullopt;
  return is_negative ? 0U - number : number;
}

Result<uint32_t> parse_permissions(std::string_view letters) {
  if (letters.empty() || letters.size() > 4) {
    return invalid_rule("permissions must be one to four letters of rwxa: " + std::string(letters));
  }
  uint32_t bits = 0;
  for (const char c : letters) {
    switch (c | 0x20) {
      case 'r':
        bits |= AUDIT_PERM_READ;
        break;
      case 'w':
        bits |= AUDIT_PERM_WRITE;
        break;
      case 'x':
        bits |= AUDIT_PERM_EXEC;
        break;
      case 'a':
        bits |= AUDIT_PERM_ATTR;
        break;
      default:
        return invalid_rule("permissions must be letters of rwxa: " + std::string(letters));
    }
  }
  return bits;
}

Result<RuleField> parse_rule_field(std::string_view comparison, uint32_t list,
                                   const RuleHost& host) {
  const std::string shown(comparison);
  const auto op = find_rule_operator(comparison);
  if (!op) return invalid_rule("-F requires an operator (= != > >= < <= & &=): " + shown);
  const std::string_view name = comparison.substr(0, op->at);
  const std::string text(comparison.substr(op->at + op->length));
  if (name.empty()) return invalid_rule("-F requires a field name before the operator: " + shown);
  if (text.empty()) return invalid_rule("-F requires a value after the operator: " + shown);
  const auto field = rule_field_number(name);
  if (!field || *field == AUDIT_FIELD_COMPARE) return invalid_rule("-F unknown field: " + shown);
  if (Status fits = check_list(*field, list); !fits) return fits.error();
  if (Status fits = check_operator(*field, op->op); !fits) return fits.error();
  RuleField parsed{*field, op->op, 0, {}};
  if (is_string_field(*field)) return string_field(parsed, text);
  Result<uint32_t> value = field_value(*field, text, host);
  if (!value) return value.error();
  parsed.value = value.value();
  return parsed;
}

Result<RuleField> parse_field_comparison(std::string_view comparison, uint32_t list) {
  const std::string shown(comparison);
  const auto op = find_rule_operator(comparison);
  if (!op || (op->op != AUDIT_EQUAL && op->op != AUDIT_NOT_EQUAL)) {
    return invalid_rule("-C supports = and != only: " + shown);
  }
  if (list != AUDIT_FILTER_EXIT) return invalid_rule("-C can only be used with the exit list");
  const auto left = rule_field_number(comparison.substr(0, op->at));
  const auto right = rule_field_number(comparison.substr(op->at + op->length));
  if (!left || !right) return invalid_rule("-C unknown field: " + shown);
  const auto compare = field_compare_number({*left, *right});
  if (!compare) return invalid_rule("-C cannot compare these fields: " + shown);
  return RuleField{AUDIT_FIELD_COMPARE, op->op, *compare, {}};
}

}  // namespace auditql
