#include "record_caller.h"

#include <string>

#include "../decode/audit_names.h"
#include "../decode/field_value.h"
#include "../decode/record_type.h"
#include "../decode/syscall_record.h"

namespace auditql {

namespace {

std::string_view decoded(std::string_view value, RowText& text) {
  ByteArena arena;
  arena.reset(value.size());
  const auto bytes = decode_text(value, arena);
  return bytes ? text.keep(std::string(*bytes)) : std::string_view();
}

uint32_t id_of(std::string_view value) {
  return static_cast<uint32_t>(parse_signed(value).value_or(int64_t{kUnsetId}));
}

void set_field(const Field& field, RecordCaller& out, RowText& text) {
  Caller& caller = out.caller;
  if (field.name == "pid") {
    caller.pid = static_cast<int32_t>(parse_signed(field.value).value_or(0));
  } else if (field.name == "uid") {
    caller.credentials.uid = id_of(field.value);
    caller.credentials.known = true;
  } else if (field.name == "auid") {
    caller.credentials.auid = id_of(field.value);
  } else if (field.name == "subj" || field.name == "scontext") {
    caller.subject = unquoted(field.value);
  } else if (field.name == "exe") {
    caller.exe = decoded(field.value, text);
  }
}

/// A SECCOMP record has the number of the call.
std::string_view call_of(const Record& record) {
  const auto arch = find_field(record.body, "arch");
  const auto number = find_field(record.body, "syscall");
  if (!arch || !number) return {};
  const auto audit_arch = static_cast<uint32_t>(parse_hex_number(*arch).value_or(0));
  return syscall_name(arch_of(audit_arch),
                      static_cast<int32_t>(parse_signed(*number).value_or(-1)));
}

RecordCaller from_syscall(const Record& record, RowText& text) {
  const SyscallRecord call = parse_syscall(record.body);
  RecordCaller out;
  out.caller.pid = call.pid;
  out.caller.parent = call.parent;
  out.caller.credentials = call.credentials;
  out.caller.subject = call.subject;
  out.caller.exe = decoded(call.exe, text);
  out.syscall = syscall_name(call.arch, call.number);
  return out;
}

}  // namespace

RecordCaller record_caller(const RawEvent& event, const Record& record, RowText& text) {
  for (const Record& each : event.records) {
    if (each.type == record_type::syscall) return from_syscall(each, text);
  }
  RecordCaller out;
  out.syscall = call_of(record);
  FieldReader reader(record.body);
  for (Field field; reader.next(field);) {
    if (field.name != "msg") {
      set_field(field, out, text);
      continue;
    }
    // Of what user space says of itself only the file is taken: the kernel does not write it.
    const auto exe = find_field(unquoted(field.value), "exe");
    if (exe) out.caller.exe = decoded(*exe, text);
  }
  return out;
}

}  // namespace auditql
