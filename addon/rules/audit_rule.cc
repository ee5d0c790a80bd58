#include "audit_rule.h"

#include <cstring>

namespace auditql {
namespace {

constexpr uint32_t kSyscallBits = AUDIT_BITMASK_SIZE * 32 - AUDIT_SYSCALL_CLASSES;
constexpr uint32_t kLastMaskWord = (1U << (32 - AUDIT_SYSCALL_CLASSES)) - 1;
constexpr char kKeySeparator = '\x01';  // AUDIT_KEY_SEPARATOR of libaudit

Error malformed(const std::string& why) {
  return Error{"audit_rule_malformed", "cannot decode the kernel's rule: " + why, 0};
}

}  // namespace

bool is_string_field(uint32_t field) {
  switch (field) {
    case AUDIT_SUBJ_USER:
    case AUDIT_SUBJ_ROLE:
    case AUDIT_SUBJ_TYPE:
    case AUDIT_SUBJ_SEN:
    case AUDIT_SUBJ_CLR:
    case AUDIT_OBJ_USER:
    case AUDIT_OBJ_ROLE:
    case AUDIT_OBJ_TYPE:
    case AUDIT_OBJ_LEV_LOW:
    case AUDIT_OBJ_LEV_HIGH:
    case AUDIT_WATCH:
    case AUDIT_DIR:
    case AUDIT_EXE:
    case AUDIT_FILTERKEY:
      return true;
    default:
      return false;
  }
}

void AuditRule::add_syscall(uint32_t number) {
  if (number < kSyscallBits) syscalls[number / 32] |= 1U << (number % 32);
}

bool AuditRule::has_syscall(uint32_t number) const {
  return number < kSyscallBits && (syscalls[number / 32] >> (number % 32) & 1) != 0;
}

void AuditRule::add_all_syscalls() {
  syscalls.fill(UINT32_MAX);
  syscalls.back() = kLastMaskWord;
}

bool AuditRule::has_all_syscalls() const {
  for (size_t i = 0; i + 1 < syscalls.size(); i++) {
    if (syscalls[i] != UINT32_MAX) return false;
  }
  return true;
}

const RuleField* AuditRule::find(uint32_t field) const {
  for (const RuleField& each : fields) {
    if (each.field == field) return &each;
  }
  return nullptr;
}

std::string_view AuditRule::key() const {
  const RuleField* field = find(AUDIT_FILTERKEY);
  return field == nullptr ? std::string_view() : std::string_view(field->text);
}

bool AuditRule::has_key(std::string_view wanted) const {
  std::string_view rest = key();
  while (!rest.empty()) {
    const size_t end = rest.find(kKeySeparator);
    if (rest.substr(0, end) == wanted) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
  return false;
}

std::string AuditRule::serialize() const {
  audit_rule_data data{};
  data.flags = list;
  data.action = action;
  data.field_count = static_cast<uint32_t>(fields.size());
  std::memcpy(data.mask, syscalls.data(), sizeof data.mask);
  std::string strings;
  for (size_t i = 0; i < fields.size() && i < AUDIT_MAX_FIELDS; i++) {
    const RuleField& each = fields[i];
    const bool is_string = is_string_field(each.field);
    data.fields[i] = each.field;
    data.fieldflags[i] = each.op;
    data.values[i] = is_string ? static_cast<uint32_t>(each.text.size()) : each.value;
    if (is_string) strings += each.text;
  }
  data.buflen = static_cast<uint32_t>(strings.size());
  std::string bytes(reinterpret_cast<const char*>(&data), sizeof data);
  bytes += strings;
  bytes.resize((bytes.size() + 3) & ~size_t{3});
  return bytes;
}

Result<AuditRule> AuditRule::parse(std::string_view bytes) {
  audit_rule_data data;
  if (bytes.size() < sizeof data) return malformed("it is shorter than struct audit_rule_data");
  std::memcpy(&data, bytes.data(), sizeof data);
  if (data.field_count > AUDIT_MAX_FIELDS) return malformed("too many fields");
  if (data.buflen > bytes.size() - sizeof data) return malformed("its strings are truncated");
  std::string_view strings = bytes.substr(sizeof data, data.buflen);

  AuditRule rule;
  rule.list = data.flags;
  rule.action = data.action;
  std::memcpy(rule.syscalls.data(), data.mask, sizeof data.mask);
  for (uint32_t i = 0; i < data.field_count; i++) {
    RuleField field{data.fields[i], data.fieldflags[i] & AUDIT_OPERATORS, data.values[i], {}};
    if (is_string_field(field.field)) {
      if (field.value > strings.size()) return malformed("a string exceeds the buffer");
      field.text = strings.substr(0, field.value);
      strings.remove_prefix(field.value);
    }
    rule.fields.push_back(std::move(field));
  }
  return rule;
}

}  // namespace auditql
