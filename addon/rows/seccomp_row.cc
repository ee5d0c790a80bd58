#include "seccomp_row.h"

#include <algorithm>
#include <cctype>

#include "../decode/audit_names.h"
#include "../store/generated/event_tables.h"
#include "record_row.h"

namespace auditql {

namespace {

/// The bit that tells x32 calls from x86_64's own (asm/unistd.h).

/// The low half of the code is data for the filter's tracer or an errno (SECCOMP_RET_ACTION_FULL).
std::string_view seccomp_action(uint64_t code) {
  switch (code & 0xffff0000) {
    case 0x80000000:
      return "KILL_PROCESS";
    case 0x00000000:
      return "KILL_THREAD";
    case 0x00030000:
      return "TRAP";
    case 0x00050000:
      return "ERRNO";
    case 0x7fc00000:
      return "USER_NOTIF";
    case 0x7ff00000:
      return "TRACE";
    case 0x7ffc0000:
      return "LOG";
    case 0x7fff0000:
      return "ALLOW";
    default:
      return {};
  }
}

/// osquery's way to show a number that has no name.
std::string unknown(uint64_t number) { return std::to_string(number) + "(unknown)"; }

std::string named(std::string_view name, uint64_t number) {
  return name.empty() ? unknown(number) : std::string(name);
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void set_call(RecordRow<SeccompEventsColumn>& fields) {
  const auto audit_arch = fields.hex_number_of("arch");
  const auto call = fields.number_of("syscall");
  Arch arch = Arch::unknown;
  if (audit_arch) {
    arch = arch_of(static_cast<uint32_t>(*audit_arch));
    const std::string_view name = arch_name(arch);
    fields.set_kept(SeccompEventsColumn::arch,
                    name.empty() ? unknown(*audit_arch) : upper_case(std::string(name)));
  }
  if (!call) return;
  if (arch == Arch::x86_64 && (*call & kX32SyscallBit) != 0) arch = Arch::x32;
  const std::string_view name = syscall_name(arch, static_cast<int32_t>(*call));
  fields.set_kept(SeccompEventsColumn::syscall, named(name, *call));
}

}  // namespace

void fill_seccomp_row(const Record& record, Row& row, RowText& text) {
  RecordRow<SeccompEventsColumn> fields(row, text, record.body);
  for (const auto& [column, name] : {std::pair{SeccompEventsColumn::auid, "auid"},
                                     {SeccompEventsColumn::uid, "uid"},
                                     {SeccompEventsColumn::gid, "gid"},
                                     {SeccompEventsColumn::ses, "ses"},
                                     {SeccompEventsColumn::pid, "pid"},
                                     {SeccompEventsColumn::sig, "sig"},
                                     {SeccompEventsColumn::compat, "compat"}}) {
    fields.set_number(column, name);
  }
  fields.set_decoded(SeccompEventsColumn::comm, "comm");
  fields.set_decoded(SeccompEventsColumn::exe, "exe");
  fields.set_plain(SeccompEventsColumn::ip, "ip");
  fields.set_plain(SeccompEventsColumn::subject, "subj");
  set_call(fields);
  const auto code = fields.hex_number_of("code");
  if (code) fields.set_kept(SeccompEventsColumn::code, named(seccomp_action(*code), *code));
}

}  // namespace auditql
