#pragma once

#include <stdint.h>

/// Records that the eBPF programs write into their ring and that KernelEventDecoder reads: one
/// layout, compiled as C for the kernel and as C++ for us. Little-endian, 8-byte aligned, without
/// padding. A change of it raises AUDITQL_KERNEL_RECORD_VERSION, which the object holds.

#define AUDITQL_KERNEL_RECORD_VERSION 1

/// What a record is; also the index of its counters.
enum kernel_record_kind {
  KERNEL_RECORD_FORK = 1,
  KERNEL_RECORD_ARGUMENTS = 2,  ///< arguments that do not fit into the exec record behind it
  KERNEL_RECORD_EXEC = 3,       ///< also one that failed
  KERNEL_RECORD_EXIT = 4,
  KERNEL_RECORD_SOCKET = 5,
  KERNEL_RECORD_UNIX_SOCKET = 6,
  KERNEL_RECORD_URING = 7,
  KERNEL_RECORD_KINDS = 8,
};

/// Flags of a record.
enum kernel_record_flag {
  KERNEL_ARGUMENTS_CUT = 1,         ///< arguments are missing at the end
  KERNEL_ARGUMENTS_UNREADABLE = 2,  ///< their pages were not in memory
  KERNEL_FILENAME_CUT = 4,
  KERNEL_EXE_CUT = 8,  ///< a path misses its first components
  KERNEL_CWD_CUT = 16,
  KERNEL_CGROUP_CUT = 32,
  KERNEL_VIA_URING = 64,       ///< asked for through io_uring
  KERNEL_OWNER_UNKNOWN = 128,  ///< the socket was opened before capture began; `caller` is zero
};

struct kernel_record {
  uint16_t kind;  ///< kernel_record_kind
  uint16_t flags;
  uint32_t size;     ///< bytes of the whole record
  uint64_t time_ns;  ///< CLOCK_BOOTTIME
};

/// A process, as it is at that moment. Ids are of the initial namespaces. Records of sockets and of
/// io_uring have 0 for the start of the parent, cgroup, group, session leader and namespaces.
struct kernel_task {
  uint64_t start_ns, parent_start_ns;  ///< CLOCK_BOOTTIME at which they were made
  uint64_t cgroup_id;                  ///< inode of the cgroup v2
  uint32_t tgid, tid, ppid, pgid, sid;
  uint32_t pid_namespace, mount_namespace, net_namespace;
  uint32_t uid, gid, suid, sgid, euid, egid, fsuid, fsgid;  ///< in the order of struct cred
  uint32_t auid, session;                                   ///< 4294967295: not set
  char tty[16];                                             ///< `pts0`; empty without a terminal
  char comm[16];
};

struct kernel_fork_record {
  struct kernel_record head;
  struct kernel_task caller;
  uint64_t child_start_ns;
  uint32_t child_tgid;
  uint32_t child_parent;  ///< tgid; not the caller's with CLONE_PARENT
};

/// The texts behind an exec record, in this order, back to back.
enum kernel_exec_text {
  KERNEL_TEXT_FILENAME,  ///< as asked for, with its NUL
  KERNEL_TEXT_EXE,       ///< paths: components from the last to the first, each with its NUL
  KERNEL_TEXT_CWD,
  KERNEL_TEXT_CGROUP,
  KERNEL_TEXT_ARGUMENTS,  ///< each with its NUL
  KERNEL_TEXTS,
};

struct kernel_exec_record {
  struct kernel_record head;
  struct kernel_task caller;
  uint64_t inode, capabilities;  ///< of the executed file; effective
  uint64_t arguments_size;       ///< bytes of all arguments
  uint32_t device;               ///< as the kernel has it: major << 20 | minor
  uint32_t mode, links, owner_uid, owner_gid;
  uint32_t argc;
  int32_t error;  ///< errno of a failed call, else 0
  uint16_t text_sizes[KERNEL_TEXTS];
  uint16_t is_execveat;
};

struct kernel_arguments_record {
  struct kernel_record head;
  uint32_t tgid;
  uint32_t size;  ///< bytes that follow; the rest of the record is of no meaning
  uint64_t offset;
};

struct kernel_exit_record {
  struct kernel_record head;
  struct kernel_task caller;
  uint64_t user_ns, system_ns, max_resident_kib;
  uint64_t read_chars, written_chars;  ///< rchar and wchar of /proc/PID/io
  uint32_t wait_status, reserved;      ///< as wait(2) lays it out
};

enum kernel_socket_action {
  KERNEL_SOCKET_CONNECT = 1,
  KERNEL_SOCKET_ACCEPT = 2,
  KERNEL_SOCKET_BIND = 3,
  KERNEL_SOCKET_LISTEN = 4,
  KERNEL_SOCKET_CLOSE = 5,
  KERNEL_SOCKET_SEND = 6,    ///< first datagram to that address
  KERNEL_SOCKET_ACTIVE = 7,  ///< a connection that is still open
};

struct kernel_socket_end {
  uint8_t address[16];  ///< IPv4: the first four
  uint16_t port;        ///< host order
  uint16_t reserved[3];
};

/// An inet socket.
struct kernel_socket_record {
  struct kernel_record head;
  struct kernel_task caller;  ///< who opened the connection, also of its end
  struct kernel_socket_end local, remote;
  uint64_t cookie;      ///< SO_COOKIE; 0 when not known
  uint64_t started_ns;  ///< CLOCK_BOOTTIME of the call; close: of the connection
  uint64_t bytes_sent, bytes_received;
  uint32_t retransmits, round_trip_us;
  int32_t error;  ///< errno, 0 for success
  int32_t fd;     ///< -1 when not known
  uint32_t backlog;
  uint16_t family, type, protocol;
  uint8_t action;      ///< kernel_socket_action
  uint8_t is_unknown;  ///< 1: whether it works is not known yet
  int32_t accepted;    ///< accept: the new descriptor; else 0
};

struct kernel_unix_record {
  struct kernel_record head;
  struct kernel_task caller;
  int32_t error, fd;
  uint32_t peer_pid, peer_uid;  ///< 0 and 4294967295 when not known
  uint32_t backlog;
  uint16_t type;
  uint8_t action;
  uint8_t path_size;
  char path[112];    ///< begins with NUL when abstract
  int32_t accepted;  ///< accept: the new descriptor; else 0
  uint32_t reserved;
};

/// An operation of io_uring that no other record tells of.
struct kernel_uring_record {
  struct kernel_record head;
  struct kernel_task caller;
  int32_t result;
  uint32_t operation;  ///< IORING_OP_*
};

/// Counters of one CPU. sent + lost of a kind is what happened.
struct kernel_counts {
  uint64_t sent[KERNEL_RECORD_KINDS];
  /// No room in the ring, or in the buffer of the CPU; of arguments also what is not in memory.
  uint64_t lost[KERNEL_RECORD_KINDS];
  uint64_t excluded;
  uint64_t own;         ///< of auditql itself and of its workers
  uint64_t unreadable;  ///< execs whose arguments were not in memory
};
