#include "kernel_event.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>

#include "proc_event.h"
#include "socket_address.h"

namespace auditql {
namespace {

/// Ticks of /proc/PID/stat are hundredths of a second (USER_HZ) on every architecture of ours.
constexpr uint64_t kNsPerTick = 10'000'000;
constexpr uint64_t kCloneParent = 0x8000;
constexpr size_t kInlineArguments = 8192;
constexpr size_t kUnixPathOffset = sizeof(uint16_t);

#if defined(__aarch64__)
constexpr Arch kHostArch = Arch::aarch64;
#else
constexpr Arch kHostArch = Arch::x86_64;
#endif

template <typename Record>
bool read_record(std::string_view bytes, Record* to) {
  if (bytes.size() < sizeof *to) return false;
  std::memcpy(to, bytes.data(), sizeof *to);
  return true;
}

/// A name in a field of fixed size; `field` outlives the view.
template <size_t size>
std::string_view name_in(const char (&field)[size]) {
  return {field, ::strnlen(field, size)};
}

Credentials credentials_of(const kernel_task& task) {
  Credentials credentials;
  credentials.auid = task.auid;
  credentials.uid = task.uid;
  credentials.euid = task.euid;
  credentials.suid = task.suid;
  credentials.fsuid = task.fsuid;
  credentials.gid = task.gid;
  credentials.egid = task.egid;
  credentials.sgid = task.sgid;
  credentials.fsgid = task.fsgid;
  credentials.session = task.session;
  credentials.known = true;
  return credentials;
}

Caller caller_of(const kernel_task& task) {
  Caller caller;
  caller.pid = static_cast<int32_t>(task.tgid);
  caller.parent = static_cast<int32_t>(task.ppid);
  caller.credentials = credentials_of(task);
  caller.comm = name_in(task.comm);
  const std::string_view tty = name_in(task.tty);
  caller.tty = tty.empty() ? "(none)" : tty;
  return caller;
}

EventHeader header_of(const kernel_record& head, uint64_t boot_offset_ns) {
  EventHeader header;
  header.time_ns = head.time_ns + boot_offset_ns;
  header.backend = BackendKind::ebpf;
  header.arch = kHostArch;
  return header;
}

uint64_t ticks_of(uint64_t boot_ns) { return boot_ns / kNsPerTick; }

/// A call that a signal interrupts returns one of the kernel's own numbers until it is known
/// whether it is made again; audit shows EINTR as well (audit_syscall_exit() in kernel/auditsc.c).
constexpr int32_t kRestartSys = 512, kNoIoctl = 515, kRestartBlock = 516;

Outcome outcome_of(int32_t error, int64_t value) {
  if (error >= kRestartSys && error <= kRestartBlock && error != kNoIoctl) error = EINTR;
  return error == 0 ? Outcome{true, true, value} : Outcome{true, false, -int64_t{error}};
}

std::optional<SocketAction> socket_action(uint8_t action) {
  switch (action) {
    case KERNEL_SOCKET_CONNECT:
      return SocketAction::connect;
    case KERNEL_SOCKET_ACCEPT:
      return SocketAction::accept;
    case KERNEL_SOCKET_BIND:
      return SocketAction::bind;
    case KERNEL_SOCKET_LISTEN:
      return SocketAction::listen;
    case KERNEL_SOCKET_CLOSE:
      return SocketAction::close;
    case KERNEL_SOCKET_ACTIVE:
      return SocketAction::active;
    case KERNEL_SOCKET_SEND:
      return SocketAction::send;
    default:
      return std::nullopt;
  }
}

std::string_view call_name(SocketAction action) {
  switch (action) {
    case SocketAction::connect:
      return "connect";
    case SocketAction::accept:
      return "accept";
    case SocketAction::bind:
      return "bind";
    case SocketAction::listen:
      return "listen";
    default:
      return {};
  }
}

bool has_address(const kernel_socket_end& end) {
  const auto is_set = [](uint8_t byte) { return byte != 0; };
  return end.port != 0 || std::any_of(std::begin(end.address), std::end(end.address), is_set);
}

SocketFacts facts_of(const kernel_socket_record& record) {
  SocketFacts facts;
  facts.protocol = record.protocol;
  facts.type = record.type;
  facts.cookie = record.cookie;
  if (record.head.time_ns > record.started_ns) {
    facts.duration_ns = record.head.time_ns - record.started_ns;
  }
  facts.bytes_sent = record.bytes_sent;
  facts.bytes_received = record.bytes_received;
  facts.retransmits = record.retransmits;
  facts.round_trip_us = record.round_trip_us;
  facts.backlog = record.backlog;
  return facts;
}

/// What records of inet and unix sockets have in common; without addresses and facts.
template <typename Record>
SocketEvent socket_event(const Record& record, SocketAction action, uint64_t boot_offset_ns) {
  SocketEvent event;
  event.header = header_of(record.head, boot_offset_ns);
  event.header.syscall_name = call_name(action);
  event.action = action;
  event.caller = caller_of(record.caller);
  event.start_time_ticks = ticks_of(record.caller.start_ns);
  event.outcome = outcome_of(record.error, action == SocketAction::accept ? record.accepted : 0);
  event.fd = record.fd;
  event.is_uring = (record.head.flags & KERNEL_VIA_URING) != 0;
  return event;
}

}  // namespace

KernelEventDecoder::KernelEventDecoder(EventSink& sink, HealthRegion& health, Limits limits)
    : sink_(sink), limits_(limits) {
  const auto counter = [&health](std::string_view metric, std::string_view reason = {}) {
    return health.counter({"decode", "ebpf", metric, reason});
  };
  seen_ = counter("seen");
  events_ = counter("events");
  partial_ = counter("partial");
  pieces_ = counter("arguments");
  malformed_ = counter("dropped", "malformed");
  unnamed_ = counter("ignored", "unnamed");
  repeated_ = counter("ignored", "repeated_end");
  evicted_ = counter("evicted_arguments");
}

std::optional<EndedProcess> ended_process(std::string_view bytes) {
  kernel_exit_record record;
  if (!read_record(bytes, &record.head) || record.head.kind != KERNEL_RECORD_EXIT ||
      !read_record(bytes, &record)) {
    return std::nullopt;
  }
  return EndedProcess{static_cast<int32_t>(record.caller.tgid), ticks_of(record.caller.start_ns)};
}

void KernelEventDecoder::on_record(std::string_view bytes, uint64_t boot_offset_ns) {
  seen_.add_alone();
  kernel_record head;
  if (!read_record(bytes, &head) || head.size > bytes.size()) return malformed_.add_alone();
  // What the programs reserved and did not fill is no part of the record.
  const Source source{bytes.substr(0, head.size), boot_offset_ns};
  bool is_whole = false;
  switch (head.kind) {
    case KERNEL_RECORD_FORK:
      is_whole = on_fork(source);
      break;
    case KERNEL_RECORD_ARGUMENTS:
      is_whole = on_arguments(source.bytes);
      break;
    case KERNEL_RECORD_EXEC:
      is_whole = on_exec(source);
      break;
    case KERNEL_RECORD_EXIT:
      is_whole = on_exit(source);
      break;
    case KERNEL_RECORD_SOCKET:
      is_whole = on_socket(source);
      break;
    case KERNEL_RECORD_UNIX_SOCKET:
      is_whole = on_unix_socket(source);
      break;
    default:
      return unnamed_.add_alone();
  }
  if (!is_whole) malformed_.add_alone();
}

void KernelEventDecoder::emit(const ProcessEvent& event) {
  events_.add_alone();
  if (event.header.partial) partial_.add_alone();
  sink_.on_process(event);
}

void KernelEventDecoder::emit(const SocketEvent& event) {
  events_.add_alone();
  if (event.header.partial) partial_.add_alone();
  sink_.on_socket(event);
}

bool KernelEventDecoder::on_fork(const Source& source) {
  kernel_fork_record record;
  if (!read_record(source.bytes, &record)) return false;
  ProcessEvent event;
  event.action = ProcessAction::fork;
  event.header = header_of(record.head, source.boot_offset_ns);
  event.caller = caller_of(record.caller);
  event.child_pid = static_cast<int32_t>(record.child_tgid);
  event.outcome = {true, true, event.child_pid};
  // Of the flags only those are known that tell a thread and another parent.
  event.clone_flags_known = true;
  event.clone_flags = record.child_parent == record.caller.tgid ? 0 : kCloneParent;
  event.start_time_ticks = ticks_of(record.child_start_ns);
  emit(event);
  return true;
}

bool KernelEventDecoder::on_arguments(std::string_view bytes) {
  kernel_arguments_record record;
  if (!read_record(bytes, &record) || bytes.size() - sizeof record < record.size) return false;
  pieces_.add_alone();
  while (!waiting_.empty() && (waiting_bytes_ + record.size > limits_.max_waiting_bytes ||
                               waiting_.size() >= limits_.max_waiting)) {
    const auto first = waiting_.begin();
    if (first->first == record.tgid && waiting_.size() < limits_.max_waiting) break;
    waiting_bytes_ -= first->second.bytes.size();
    waiting_.erase(first);
    evicted_.add();
  }
  Waiting& waiting = waiting_[record.tgid];
  if (record.offset == kInlineArguments) {
    waiting_bytes_ -= waiting.bytes.size();
    waiting = {};
  }
  const bool is_next = record.offset == kInlineArguments + waiting.bytes.size();
  const bool has_room = waiting_bytes_ + record.size <= limits_.max_waiting_bytes;
  waiting.is_broken = waiting.is_broken || !is_next || !has_room;
  if (waiting.is_broken) return true;
  waiting.bytes.append(bytes.substr(sizeof record, record.size));
  waiting_bytes_ += record.size;
  return true;
}

bool KernelEventDecoder::split_texts(const kernel_exec_record& record, std::string_view texts,
                                     ExecTexts* to) {
  std::string_view parts[KERNEL_TEXTS];
  for (int i = 0; i < KERNEL_TEXTS; i++) {
    if (record.text_sizes[i] > texts.size()) return false;
    parts[i] = texts.substr(0, record.text_sizes[i]);
    texts.remove_prefix(record.text_sizes[i]);
  }
  const std::string_view filename = parts[KERNEL_TEXT_FILENAME];
  to->filename = filename.substr(0, filename.find('\0'));
  const uint16_t flags = record.head.flags;
  // d_path() of the kernel ends the path of a deleted file so, and /proc/PID/exe shows it.
  const bool is_deleted = record.error == 0 && record.links == 0;
  to->exe = path_of(parts[KERNEL_TEXT_EXE], (flags & KERNEL_EXE_CUT) != 0, is_deleted);
  to->cwd = path_of(parts[KERNEL_TEXT_CWD], (flags & KERNEL_CWD_CUT) != 0, false);
  to->cgroup = path_of(parts[KERNEL_TEXT_CGROUP], (flags & KERNEL_CGROUP_CUT) != 0, false);
  to->arguments = parts[KERNEL_TEXT_ARGUMENTS];
  return true;
}

/// Components come from the last to the first. One that is cut has no beginning: no `/` either.
std::string_view KernelEventDecoder::path_of(std::string_view components, bool is_cut,
                                             bool is_deleted) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (components.empty()) return is_cut ? std::string_view() : std::string_view("/");
  const size_t room = components.size() + 1 + kDeleted.size();
  char* const path = arena_.take(room);
  size_t used = 0;
  std::string_view left = components;
  if (left.back() == '\0') left.remove_suffix(1);
  while (true) {
    const size_t nul = left.rfind('\0');
    const std::string_view name = nul == std::string_view::npos ? left : left.substr(nul + 1);
    if (used > 0 || !is_cut) path[used++] = '/';
    std::memcpy(path + used, name.data(), name.size());
    used += name.size();
    if (nul == std::string_view::npos) break;
    left = left.substr(0, nul);
  }
  if (is_deleted) {
    std::memcpy(path + used, kDeleted.data(), kDeleted.size());
    used += kDeleted.size();
  }
  return {path, used};
}

/// Fills `argv_`; false when some are missing.
bool KernelEventDecoder::fill_arguments(const kernel_exec_record& record, std::string_view first) {
  arguments_.assign(first);
  const auto found = waiting_.find(record.caller.tgid);
  if (found != waiting_.end()) {
    const bool belongs = record.error == 0 && record.arguments_size > kInlineArguments;
    if (belongs) arguments_.append(found->second.bytes);
    waiting_bytes_ -= found->second.bytes.size();
    waiting_.erase(found);
  }
  argv_.clear();
  std::string_view left = arguments_;
  while (!left.empty()) {
    const size_t nul = left.find('\0');
    argv_.push_back(left.substr(0, nul));
    left.remove_prefix(nul == std::string_view::npos ? left.size() : nul + 1);
  }
  const uint16_t lacking = KERNEL_ARGUMENTS_CUT | KERNEL_ARGUMENTS_UNREADABLE;
  return (record.head.flags & lacking) == 0 && arguments_.size() == record.arguments_size &&
         argv_.size() >= record.argc;
}

bool KernelEventDecoder::on_exec(const Source& source) {
  kernel_exec_record record;
  if (!read_record(source.bytes, &record)) return false;
  arena_.reset(2 * source.bytes.size() + 128);
  ExecTexts texts;
  if (!split_texts(record, source.bytes.substr(sizeof record), &texts)) return false;
  ProcessEvent event;
  event.action = ProcessAction::exec;
  event.header = header_of(record.head, source.boot_offset_ns);
  event.header.syscall = record.is_execveat != 0 ? SYS_execveat : SYS_execve;
  event.header.syscall_name = record.is_execveat != 0 ? "execveat" : "execve";
  event.caller = caller_of(record.caller);
  event.caller.exe = texts.exe;
  if (record.error != 0) event.caller.exe = {};
  event.outcome = outcome_of(record.error, 0);
  const bool has_all = fill_arguments(record, texts.arguments);
  const uint16_t cut = KERNEL_FILENAME_CUT | KERNEL_EXE_CUT | KERNEL_CWD_CUT;
  event.header.partial = !has_all || (record.head.flags & cut) != 0;
  event.argv = argv_;
  event.argc = std::max(record.argc, static_cast<uint32_t>(argv_.size()));
  event.cwd = texts.cwd;
  event.cgroup = texts.cgroup;
  event.start_time_ticks = ticks_of(record.caller.start_ns);
  PathItem file;
  file.name = record.error == 0 ? texts.exe : texts.filename;
  file.nametype = record.error == 0 ? "NORMAL" : "UNKNOWN";
  file.item = 0;
  file.has_name = !file.name.empty();
  file.has_inode = record.error == 0;
  file.inode = record.inode;
  file.mode = record.mode;
  file.owner_uid = record.owner_uid;
  file.owner_gid = record.owner_gid;
  file.device_major = record.device >> 20;
  file.device_minor = record.device & 0xfffff;
  event.paths = {&file, 1};
  emit(event);
  return true;
}

bool KernelEventDecoder::on_exit(const Source& source) {
  kernel_exit_record record;
  if (!read_record(source.bytes, &record)) return false;
  if (!recent_ends_.add(record.caller.tgid, record.caller.start_ns)) {
    repeated_.add_alone();
    return true;
  }
  ProcessEvent event;
  event.action = ProcessAction::exit;
  event.header = header_of(record.head, source.boot_offset_ns);
  event.caller = caller_of(record.caller);
  const EndOfTask end = end_of(record.wait_status);
  event.exit_status = end.status;
  event.exit_signal = end.signal;
  event.start_time_ticks = ticks_of(record.caller.start_ns);
  emit(event);
  return true;
}

/// As the kernel would hand it out: a sockaddr_in or sockaddr_in6.
SocketAddress KernelEventDecoder::address_of(uint16_t family, const kernel_socket_end& end) {
  const bool is_ipv4 = family == AF_INET;
  if (!is_ipv4 && family != AF_INET6) return {};
  const size_t size = is_ipv4 ? 16 : 28, offset = is_ipv4 ? 4 : 8, length = is_ipv4 ? 4 : 16;
  char* const raw = arena_.take(size);
  std::memset(raw, 0, size);
  std::memcpy(raw, &family, sizeof family);
  raw[2] = static_cast<char>(end.port >> 8);
  raw[3] = static_cast<char>(end.port & 0xff);
  std::memcpy(raw + offset, end.address, length);
  return parse_socket_address({raw, size}, kHostArch, arena_);
}

bool KernelEventDecoder::on_socket(const Source& source) {
  kernel_socket_record record;
  if (!read_record(source.bytes, &record)) return false;
  const auto action = socket_action(record.action);
  if (!action) return false;
  arena_.reset(2 * (kSocketAddressText + 32));
  SocketEvent event = socket_event(record, *action, source.boot_offset_ns);
  event.header.partial = (record.head.flags & KERNEL_OWNER_UNKNOWN) != 0;
  if (event.header.partial) event.caller = Caller{.has_login = false};
  if (record.is_unknown != 0) event.outcome = {};
  const bool has_remote = *action != SocketAction::bind && *action != SocketAction::listen;
  if (!has_remote || has_address(record.local)) {
    event.local = address_of(record.family, record.local);
  }
  // connect(2) to AF_UNSPEC leaves a socket without a peer.
  const bool ends =
      *action == SocketAction::connect && record.error == 0 && !has_address(record.remote);
  if (ends) {
    event.remote.family = AF_UNSPEC;
  } else if (has_remote && has_address(record.remote)) {
    event.remote = address_of(record.family, record.remote);
  }
  event.facts = facts_of(record);
  emit(event);
  return true;
}

bool KernelEventDecoder::on_unix_socket(const Source& source) {
  kernel_unix_record record;
  if (!read_record(source.bytes, &record)) return false;
  const auto action = socket_action(record.action);
  if (!action || record.path_size > sizeof record.path) return false;
  arena_.reset(kSocketAddressText + sizeof record.path + kUnixPathOffset);
  SocketEvent event = socket_event(record, *action, source.boot_offset_ns);
  const uint16_t family = AF_UNIX;
  char* const raw = arena_.take(kUnixPathOffset + record.path_size);
  std::memcpy(raw, &family, sizeof family);
  std::memcpy(raw + kUnixPathOffset, record.path, record.path_size);
  const SocketAddress address =
      parse_socket_address({raw, kUnixPathOffset + record.path_size}, kHostArch, arena_);
  (*action == SocketAction::connect ? event.remote : event.local) = address;
  SocketFacts facts;
  facts.type = record.type;
  facts.backlog = record.backlog;
  facts.peer_pid = static_cast<int32_t>(record.peer_pid);
  facts.peer_uid = record.peer_uid;
  event.facts = facts;
  emit(event);
  return true;
}

}  // namespace auditql
