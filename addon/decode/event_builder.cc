#include "event_builder.h"

#include <algorithm>

#include "audit_names.h"
#include "path_record.h"
#include "record_type.h"
#include "socket_address.h"

namespace auditql {
namespace {

/// clone(2) takes its flags second on s390 (CONFIG_CLONE_BACKWARDS2), first elsewhere.
uint64_t clone_flags(const SyscallRecord& call) {
  const bool second = call.arch == Arch::s390x || call.arch == Arch::s390;
  return call.arguments[second ? 1 : 0];
}

void set_fork(const SyscallRecord& call, SyscallKind kind, ProcessEvent& out) {
  out.action = ProcessAction::fork;
  if (call.outcome.success && call.outcome.value > 0) {
    out.child_pid = static_cast<int32_t>(call.outcome.value);
  }
  out.clone_flags_known = kind == SyscallKind::clone;
  if (out.clone_flags_known) out.clone_flags = clone_flags(call);
}

SocketAction action_of(SyscallKind kind) {
  switch (kind) {
    case SyscallKind::bind:
      return SocketAction::bind;
    case SyscallKind::accept:
      return SocketAction::accept;
    case SyscallKind::listen:
      return SocketAction::listen;
    default:
      return SocketAction::connect;
  }
}

bool is_process(SyscallKind kind) {
  return kind >= SyscallKind::fork && kind <= SyscallKind::exit_group;
}

const Record* first_of_type(const RawEvent& event, uint16_t type) {
  const auto is_it = [type](const Record& each) { return each.type == type; };
  const auto found = std::find_if(event.records.begin(), event.records.end(), is_it);
  return found == event.records.end() ? nullptr : &*found;
}

}  // namespace

std::optional<EventBuilder::Call> EventBuilder::find_call(const RawEvent& event) {
  const Record* record = first_of_type(event, record_type::syscall);
  if (record == nullptr) return std::nullopt;
  Call call;
  call.fields = parse_syscall(record->body);
  call.kind = syscall_kind(call.fields.arch, call.fields.number);
  call.is_socketcall = call.kind == SyscallKind::socketcall;
  if (call.is_socketcall) call.kind = socketcall_kind(call.fields.arguments[0]);
  return call;
}

/// SOCKADDR is of what was prepared last, also of an operation that is done elsewhere or later
/// (move_addr_to_kernel() of net/socket.c). Only a call that submitted no other tells whose.
bool EventBuilder::submits_one(const Call& call) {
  return call.fields.arguments[1] == 1 &&
         syscall_name(call.fields.arch, call.fields.number) == "io_uring_enter";
}

BuildResult EventBuilder::build(const RawEvent& event) {
  const auto call = find_call(event);
  const bool is_typed = call && call->kind != SyscallKind::other;
  const size_t operations = operations_.begun(event).size();
  if (!is_typed && operations == 0) return BuildResult::not_typed;
  arena_bytes_ = kSocketAddressText;
  for (const Record& each : event.records) arena_bytes_ += each.body.size();
  // The call, and an operation that it did, decode the same records.
  arena_.reset(arena_bytes_ * (operations == 1 ? 2 : 1));
  const Parts parts = sort_records(event);
  bool misses = is_typed && build_call(event, *call, parts);
  if (operations > 0) misses = build_operations(event, call, parts) || misses;
  return misses && !event.partial ? BuildResult::built_partial : BuildResult::built;
}

/// Operations of io_uring that were done within a call, whatever that is, or by a kernel thread.
bool EventBuilder::build_operations(const RawEvent& event, const std::optional<Call>& during,
                                    const Parts& parts) {
  const std::vector<UringOperation>& begun = operations_.begun();
  const bool is_alone = begun.size() == 1 && during && submits_one(*during);
  bool misses = false;
  for (const UringOperation& each : begun) {
    if (begun.size() > 1) arena_.reset(arena_bytes_);
    Call operation;
    operation.kind = each.kind;
    operation.fields = parse_syscall(each.record->body);
    operation.fields.outcome = each.outcome;
    operation.is_uring = true;
    operation.shares_records = !is_alone;
    if (during) operation.during = during->fields;
    misses = build_call(event, operation, parts) || misses;
  }
  return misses;
}

bool EventBuilder::build_call(const RawEvent& event, const Call& call, const Parts& parts) {
  return is_process(call.kind) ? build_process(event, call, parts)
                               : build_socket(event, call, parts);
}

EventBuilder::Parts EventBuilder::sort_records(const RawEvent& event) {
  Parts parts;
  arguments_.clear();
  paths_.clear();
  for (const Record& each : event.records) {
    switch (each.type) {
      case record_type::execve:
        arguments_.add_record(each.body);
        break;
      case record_type::path:
        paths_.push_back(parse_path(each.body, arena_));
        break;
      case record_type::cwd:
        parts.cwd = each.body;
        break;
      case record_type::sockaddr:
        parts.sockaddr = each.body;
        break;
      case record_type::socketcall:
        parts.socketcall = each.body;
        break;
      case record_type::proctitle:
        parts.title = each.body;
        break;
      default:
        break;
    }
  }
  const auto by_item = [](const PathItem& a, const PathItem& b) { return a.item < b.item; };
  if (!std::is_sorted(paths_.begin(), paths_.end(), by_item)) {
    std::stable_sort(paths_.begin(), paths_.end(), by_item);
  }
  return parts;
}

EventHeader EventBuilder::header_of(const RawEvent& event, const SyscallRecord& call) {
  EventHeader header;
  header.time_ns = event.id.time_ns;
  header.serial = event.id.serial;
  header.backend = backend_;
  header.arch = call.arch;
  header.syscall = call.number;
  header.syscall_name = syscall_name(call.arch, call.number);
  header.partial = event.partial || paths_.size() < call.items;
  header.node = event.id.node;
  header.key = text_of(call.key);
  return header;
}

Caller EventBuilder::caller_of(const SyscallRecord& call) {
  Caller caller;
  caller.pid = call.pid;
  caller.parent = call.parent;
  caller.credentials = call.credentials;
  caller.comm = text_of(call.comm);
  caller.exe = text_of(call.exe);
  caller.tty = call.tty;
  caller.subject = call.subject;
  return caller;
}

/// A URINGOP record has ids of the caller, but none of what it is.
Caller EventBuilder::caller_of(const Call& made) {
  if (!made.is_uring) return caller_of(made.fields);
  if (made.during && made.during->pid == made.fields.pid) return caller_of(*made.during);
  Caller caller = caller_of(made.fields);
  caller.has_login = false;
  return caller;
}

/// Of the records of a real exec only EXECVE can be missing here, and only of a program without a
/// loader, which would be a second PATH record (Documentation/userspace-api/check_exec.rst).
bool EventBuilder::may_be_check(const RawEvent& event, const Call& made) const {
  const SyscallRecord& call = made.fields;
  return made.kind == SyscallKind::exec && call.outcome.success && !event.partial &&
         syscall_name(call.arch, call.number) == "execveat" && !arguments_.has_records() &&
         call.items == 1 && paths_.size() == 1;
}

std::string_view EventBuilder::text_of(std::string_view value) {
  return decode_text(value, arena_).value_or(std::string_view());
}

/// CWD and PROCTITLE have a single field, which reaches to the end of the body.
std::string_view EventBuilder::only_text(std::string_view body) {
  const size_t equals = body.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view value = body.substr(equals + 1);
  return text_of(value.starts_with('"') ? value.substr(0, value.find('"', 1) + 1) : value);
}

/// The descriptor: first argument of the call. The kernel shows socketcall(2)'s arguments in a
/// SOCKETCALL record, and io_uring's nowhere.
int64_t EventBuilder::descriptor_of(const Call& call, const Parts& parts) {
  if (call.is_uring) return -1;
  if (!call.is_socketcall) return static_cast<int32_t>(call.fields.arguments[0]);
  const auto value = find_field(parts.socketcall, "a0");
  return value ? static_cast<int32_t>(parse_hex_number(*value).value_or(UINT32_MAX)) : -1;
}

SocketAddress EventBuilder::address_of(const Parts& parts, Arch arch) {
  FieldReader reader(parts.sockaddr);
  for (Field field; reader.next(field);) {
    if (field.name == "saddr") return parse_socket_address(text_of(field.value), arch, arena_);
  }
  return {};
}

bool EventBuilder::build_process(const RawEvent& event, const Call& made, const Parts& parts) {
  const SyscallRecord& call = made.fields;
  const SyscallKind kind = made.kind;
  ProcessEvent out;
  out.header = header_of(event, call);
  out.caller = caller_of(made);
  out.outcome = call.outcome;
  out.cwd = only_text(parts.cwd);
  out.paths = paths_;
  out.title = only_text(parts.title);
  if (kind == SyscallKind::exit_group) {
    out.action = ProcessAction::exit;
    out.exit_status = static_cast<int32_t>(call.arguments[0] & 0xff);  // do_exit() of kernel/exit.c
  } else if (kind == SyscallKind::exec) {
    out.action = ProcessAction::exec;
    arguments_.decode(arena_);
    out.argv = arguments_.arguments();
    out.argc = std::max(arguments_.count(), static_cast<uint32_t>(out.argv.size()));
    // A failed exec has no EXECVE record when it failed before the arguments were copied.
    const bool expected = call.outcome.success || arguments_.has_records();
    if (expected && !arguments_.complete()) out.header.partial = true;
    out.may_be_check = may_be_check(event, made);
  } else {
    set_fork(call, kind, out);
  }
  sink_.on_process(out);
  return out.header.partial && !out.may_be_check;
}

bool EventBuilder::build_socket(const RawEvent& event, const Call& made, const Parts& parts) {
  const SyscallRecord& call = made.fields;
  const SyscallKind kind = made.kind;
  SocketEvent out;
  out.header = header_of(event, call);
  out.action = action_of(kind);
  out.caller = caller_of(made);
  out.outcome = call.outcome;
  out.fd = descriptor_of(made, parts);
  if (!made.shares_records) {
    out.cwd = only_text(parts.cwd);
    out.paths = paths_;
  }
  const bool has_address = !parts.sockaddr.empty() && !made.shares_records;
  const Arch arch = made.during ? made.during->arch : call.arch;
  if (has_address && kind == SyscallKind::bind) out.local = address_of(parts, arch);
  if (has_address && kind != SyscallKind::bind) out.remote = address_of(parts, arch);
  // accept(2) without an address buffer has no SOCKADDR; connect and bind always copy one.
  const bool needs_address = kind == SyscallKind::connect || kind == SyscallKind::bind;
  const bool may_have_worked = call.outcome.success || made.is_uring;
  if (needs_address && may_have_worked && !has_address) out.header.partial = true;
  sink_.on_socket(out);
  return out.header.partial;
}

}  // namespace auditql
