#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace auditql {

/// Typed events: what decoding makes of records, and what every backend hands to identity and the
/// store. All views point into memory of the producer and are valid only during the sink's call.
/// Byte strings are exactly what the kernel holds: no quotes, no hex, no UTF-8 repair.

/// Where an event was seen.
enum class BackendKind : uint8_t { audit, proc_connector, replay, ebpf };

/// Set in the numbers of x32 syscalls (__X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h).
inline constexpr int32_t kX32SyscallBit = 0x40000000;

/// Machine of the syscall, from the `arch=` field (AUDIT_ARCH_*, include/uapi/linux/audit.h).
enum class Arch : uint8_t {
  unknown,
  x86_64,
  i386,
  x32,
  aarch64,
  arm,
  riscv64,
  ppc64le,
  ppc64,
  s390x,
  s390
};

struct EventHeader {
  uint64_t time_ns = 0;  ///< kernel's wall-clock time of the call, ns since 1970 (never ours)
  uint32_t serial = 0;   ///< audit serial; 0 where the backend has none
  BackendKind backend = BackendKind::audit;
  Arch arch = Arch::unknown;
  int32_t syscall = -1;           ///< as the kernel says it (x32: with its bit), -1 without one
  std::string_view syscall_name;  ///< empty when unknown
  bool partial = false;           ///< records of the event are missing
  std::string_view node;          ///< `node=` of the log line, else empty
  std::string_view key;  ///< rule keys, 0x01-separated as the kernel has them; empty for none
};

constexpr uint32_t kUnsetId = 4294967295u;  ///< (uid_t)-1: loginuid or session never set

struct Credentials {
  uint32_t auid = kUnsetId, uid = kUnsetId, euid = kUnsetId, suid = kUnsetId, fsuid = kUnsetId;
  uint32_t gid = kUnsetId, egid = kUnsetId, sgid = kUnsetId, fsgid = kUnsetId;
  uint32_t session = kUnsetId;  ///< `ses=`, the audit session
  bool known = false;           ///< false: no field above was in the event
};

/// One PATH record.
struct PathItem {
  std::string_view name;      ///< empty with `has_name` false for name=(null)
  std::string_view nametype;  ///< NORMAL, PARENT, CREATE, DELETE, UNKNOWN
  uint64_t inode = 0;
  uint32_t mode = 0;  ///< st_mode
  uint32_t owner_uid = kUnsetId, owner_gid = kUnsetId;
  uint32_t device_major = 0, device_minor = 0;
  int32_t item = -1;
  bool has_name = false;
  bool has_inode = false;  ///< mode, owner, device and inode are present
};

/// Who made the call; in every event that has a SYSCALL record.
struct Caller {
  int32_t pid = 0;     ///< thread id as the audit `pid=` field has it (task->tgid since 4.? : tgid)
  int32_t parent = 0;  ///< `ppid=`: tgid of the real parent at that moment
  Credentials credentials;
  std::string_view comm;
  std::string_view exe;      ///< file that runs; empty when unknown
  std::string_view tty;      ///< `(none)` when there is none
  std::string_view subject;  ///< `subj=`, the security label; empty when none
  /// False: the event has neither loginuid nor audit session, terminal, program or name.
  bool has_login = true;
};

/// Result of a call. exit_group has none: `known` is false there.
struct Outcome {
  bool known = false;
  bool success = false;
  int64_t value = 0;  ///< `exit=`: the return value, -errno on failure
  /// Errno of a failed call, else 0.
  int32_t error() const {
    return known && !success && value < 0 ? static_cast<int32_t>(-value) : 0;
  }
};

enum class ProcessAction : uint8_t {
  fork,      ///< fork, vfork, clone, clone3: `child_pid` was made
  exec,      ///< execve, execveat
  exit,      ///< exit_group, or the end as the kernel reports it
  existing,  ///< found in /proc at start
};

struct ProcessEvent {
  EventHeader header;
  ProcessAction action = ProcessAction::exec;
  Caller caller;
  Outcome outcome;
  int32_t child_pid = 0;     ///< fork: pid of the child as the caller sees it; 0 when failed
  uint64_t clone_flags = 0;  ///< fork: CLONE_*; 0 when not in the event (clone3)
  bool clone_flags_known = false;
  std::span<const std::string_view> argv;  ///< exec: exactly the arguments, in order
  uint32_t argc = 0;        ///< exec: `argc=`; larger than argv.size() when records are missing
  std::string_view cwd;     ///< empty when unknown
  std::string_view cgroup;  ///< exec: path in its hierarchy; empty where the backend has none
  std::span<const PathItem> paths;
  std::string_view title;  ///< PROCTITLE, NUL-separated, at most 128 bytes; empty when none
  std::optional<int32_t> exit_status;  ///< exit: wait status >> 8, i.e. the exit code (0..255)
  std::optional<int32_t> exit_signal;  ///< exit: signal that ended it
  uint64_t start_time_ticks = 0;       ///< field 22 of /proc/PID/stat where the backend knows it
  /// exec: execveat(2) that has the records of AT_EXECVE_CHECK, which executes nothing, and also
  /// those of an exec whose EXECVE record was lost. The flag is the fifth argument, in no record.
  bool may_be_check = false;
};

enum class SocketAction : uint8_t {
  connect,
  bind,
  accept,
  listen,
  send,    ///< first datagram to an address
  close,   ///< end of a connection
  active,  ///< a connection that is still open
};

/// A socket address: `struct sockaddr` bytes taken apart.
struct SocketAddress {
  int32_t family = -1;       ///< AF_*; -1 without an address
  std::string_view address;  ///< text: dotted IPv4, RFC 5952 IPv6; empty for other families
  uint16_t port = 0;
  std::string_view unix_path;  ///< AF_UNIX: path bytes; abstract names start with a NUL byte
  uint32_t flow_info = 0, scope_id = 0;
  std::string_view raw;  ///< the bytes
};

/// What the kernel knows of a socket besides its ends; only the backend `ebpf` tells.
struct SocketFacts {
  uint16_t protocol = 0;     ///< IPPROTO_*
  uint16_t type = 0;         ///< SOCK_*
  uint64_t cookie = 0;       ///< SO_COOKIE; 0 when not known
  uint64_t duration_ns = 0;  ///< connect: until its outcome; close: of the connection
  uint64_t bytes_sent = 0, bytes_received = 0;  ///< close: of the application
  uint32_t retransmits = 0, round_trip_us = 0;  ///< close
  uint32_t backlog = 0;                         ///< listen
  int32_t peer_pid = 0;                         ///< unix sockets; 0 when not known
  uint32_t peer_uid = kUnsetId;
};

struct SocketEvent {
  EventHeader header;
  SocketAction action = SocketAction::connect;
  Caller caller;
  Outcome outcome;
  int64_t fd = -1;       ///< first argument of the call
  SocketAddress local;   ///< bind; other actions where the backend knows it
  SocketAddress remote;  ///< connect, accept
  std::optional<SocketFacts> facts;
  bool is_uring = false;          ///< asked for through io_uring, and the backend says so
  uint64_t start_time_ticks = 0;  ///< of the caller: field 22 of /proc/PID/stat where known
  std::string_view cwd;
  std::span<const PathItem> paths;
};

/// Receives finished events, on the decoding thread, in order of completion.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_process(const ProcessEvent& event) = 0;
  virtual void on_socket(const SocketEvent& event) = 0;
};

}  // namespace auditql
