#include "syscall_record.h"

#include <optional>

#include "audit_names.h"
#include "fast_path_reader.h"
#include "field_value.h"
#include "record.h"

namespace auditql {
namespace {

void set_arch(SyscallRecord& record, uint64_t audit_arch) {
  record.arch = arch_of(static_cast<uint32_t>(audit_arch));
}

/// x32 programs call through x86_64's entry with a bit set (arch/x86/include/uapi/asm/unistd.h).
void tell_x32(SyscallRecord& record) {
  const bool x32 = (static_cast<uint32_t>(record.number) & kX32SyscallBit) != 0;
  if (record.arch == Arch::x86_64 && record.number >= 0 && x32) record.arch = Arch::x32;
}

/// The value at the start of `text`, without what auditd may have glued on (`(null)ARCH=x86_64`).
std::string_view first_value(std::string_view text) {
  if (text.starts_with("(null)")) return text.substr(0, 6);
  if (text.starts_with('"')) return text.substr(0, text.find('"', 1) + 1);
  return text.substr(0, text.find_first_of(" \""));  // a stray quote has been seen behind hex
}

/// ` subj=LABEL key=KEY` at the end: an AppArmor label may have spaces in it.
bool read_tail(std::string_view tail, SyscallRecord& record) {
  constexpr std::string_view kKey = " key=", kSubject = " subj=";
  const size_t key = tail.starts_with(kKey) ? 0 : tail.rfind(kKey);
  if (key == std::string_view::npos) return false;
  record.key = first_value(tail.substr(key + kKey.size()));
  const std::string_view before = tail.substr(0, key);
  if (before.empty()) return true;
  if (!before.starts_with(kSubject)) return false;
  record.subject = before.substr(kSubject.size());
  return true;
}

bool read_predicted_syscall(std::string_view body, SyscallRecord& record) {
  FastPathReader reader(body);
  set_arch(record, reader.hex("arch="));
  record.number = static_cast<int32_t>(reader.decimal(" syscall="));
  if (reader.skip(" success=")) {  // exit_group has neither
    record.outcome.known = true;
    record.outcome.success = reader.skip("yes");
    if (!record.outcome.success) reader.expect("no");
    record.outcome.value = reader.signed_decimal(" exit=");
  }
  record.arguments[0] = reader.hex(" a0=");
  record.arguments[1] = reader.hex(" a1=");
  record.arguments[2] = reader.hex(" a2=");
  record.arguments[3] = reader.hex(" a3=");
  record.items = static_cast<uint32_t>(reader.decimal(" items="));
  record.parent = static_cast<int32_t>(reader.decimal(" ppid="));
  record.pid = static_cast<int32_t>(reader.decimal(" pid="));
  Credentials& ids = record.credentials;
  ids.auid = reader.id(" auid=");
  ids.uid = reader.id(" uid=");
  ids.gid = reader.id(" gid=");
  ids.euid = reader.id(" euid=");
  ids.suid = reader.id(" suid=");
  ids.fsuid = reader.id(" fsuid=");
  ids.egid = reader.id(" egid=");
  ids.sgid = reader.id(" sgid=");
  ids.fsgid = reader.id(" fsgid=");
  ids.known = true;
  record.tty = reader.text(" tty=");
  ids.session = reader.id(" ses=");
  record.comm = reader.text(" comm=");
  record.exe = reader.text(" exe=");
  return !reader.failed() && read_tail(reader.rest(), record);
}

/// Sets the id that the field names; false when it names none.
bool set_id(const Field& field, Credentials& ids) {
  struct Id {
    std::string_view name;
    uint32_t Credentials::*member;
  };
  static constexpr Id kIds[] = {{"auid", &Credentials::auid},   {"uid", &Credentials::uid},
                                {"euid", &Credentials::euid},   {"suid", &Credentials::suid},
                                {"fsuid", &Credentials::fsuid}, {"gid", &Credentials::gid},
                                {"egid", &Credentials::egid},   {"sgid", &Credentials::sgid},
                                {"fsgid", &Credentials::fsgid}, {"ses", &Credentials::session}};
  for (const Id& each : kIds) {
    if (each.name != field.name) continue;
    ids.*each.member = parse_id(field.value);
    ids.known = true;
    return true;
  }
  return false;
}

bool set_text(const Field& field, SyscallRecord& record) {
  struct Text {
    std::string_view name;
    std::string_view SyscallRecord::*member;
  };
  static constexpr Text kTexts[] = {{"tty", &SyscallRecord::tty},
                                    {"comm", &SyscallRecord::comm},
                                    {"exe", &SyscallRecord::exe},
                                    {"subj", &SyscallRecord::subject},
                                    {"key", &SyscallRecord::key}};
  for (const Text& each : kTexts) {
    if (each.name != field.name) continue;
    record.*each.member = field.value;
    return true;
  }
  return false;
}

void set_number(const Field& field, SyscallRecord& record) {
  const auto number = [&field] { return parse_signed(field.value).value_or(0); };
  if (field.name == "arch") {
    set_arch(record, parse_hex_number(field.value).value_or(0));
  } else if (field.name == "syscall") {
    record.number = static_cast<int32_t>(parse_signed(field.value).value_or(-1));
  } else if (field.name == "success") {
    record.outcome.known = true;
    record.outcome.success = field.value == "yes";
  } else if (field.name == "exit") {
    record.outcome.value = number();
  } else if (field.name == "items") {
    record.items = static_cast<uint32_t>(number());
  } else if (field.name == "ppid") {
    record.parent = static_cast<int32_t>(number());
  } else if (field.name == "pid") {
    record.pid = static_cast<int32_t>(number());
  } else if (field.name.size() == 2 && field.name[0] == 'a' && field.name[1] >= '0' &&
             field.name[1] <= '3') {
    record.arguments[static_cast<size_t>(field.name[1] - '0')] =
        parse_hex_number(field.value).value_or(0);
  }
}

SyscallRecord read_any_order(std::string_view body) {
  SyscallRecord record;
  FieldReader reader(body);
  for (Field field; reader.next(field);) {
    if (!set_id(field, record.credentials) && !set_text(field, record)) set_number(field, record);
  }
  return record;
}

}  // namespace

SyscallRecord parse_syscall(std::string_view body) {
  SyscallRecord record;
  if (!read_predicted_syscall(body, record)) record = read_any_order(body);
  tell_x32(record);
  return record;
}

}  // namespace auditql
