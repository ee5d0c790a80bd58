// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "failed_exec.bpf.h"

#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define FAMILY_INET6 10
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define FILE_TYPE 0170000
#define SOCKET_FILE 0140000
#define IO_WORKER 0x10  // PF_IO_WORKER: a thread of io_uring

/// Who opened a connection, for what the kernel does later on its own.
struct connection {
  u64 started_ns;
  u64 cookie;
  u32 flags;
  u32 reserved;
  u64 told_ns;  ///< when it was told to be open, last; 0: never
  struct kernel_task owner;
};
#define CONNECTION_OWNED 1
#define CONNECTION_REFUSED 2  // its outcome has been told
#define CONNECTION_URING 4
#define CONNECTION_EXCLUDED 8

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);  // the loader sets the configured number
  __type(key, u64);            // address of the struct sock
  __type(value, struct connection);
} connections SEC(".maps");

static __always_inline bool is_in_uring(void) {
  struct task_struct* task = (void*)bpf_get_current_task();
  return BPF_CORE_READ(task, flags) & IO_WORKER || current_call() == IO_URING_ENTER;
}

static __always_inline bool is_inet(struct sock* sk) {
  const u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
  return family == FAMILY_INET || family == FAMILY_INET6;
}

static __always_inline bool is_tcp(struct sock* sk) {
  return BPF_CORE_READ(sk, sk_protocol) == PROTOCOL_TCP && is_inet(sk);
}

static __always_inline void fill_ends(struct kernel_socket_record* record, struct sock* sk) {
  __builtin_memset(&record->local, 0, sizeof record->local);
  __builtin_memset(&record->remote, 0, sizeof record->remote);
  // skc_num is 0 again by the time that a close is traced.
  record->local.port = bpf_ntohs(BPF_CORE_READ((struct inet_sock*)sk, inet_sport));
  if (!record->local.port) record->local.port = BPF_CORE_READ(sk, __sk_common.skc_num);
  record->remote.port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
  if (record->family == FAMILY_INET6) {
    bpf_core_read(record->local.address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
    bpf_core_read(record->remote.address, 16, &sk->__sk_common.skc_v6_daddr);
    return;
  }
  bpf_core_read(record->local.address, 4, &((struct inet_sock*)sk)->inet_saddr);
  bpf_core_read(record->remote.address, 4, &sk->__sk_common.skc_daddr);
}

/// What an IPv4 or IPv6 address in memory of the caller names.
static __always_inline void read_address(struct kernel_socket_end* end, u64 address, u64 size) {
  u8 bytes[32] = {};
  if (size > 28) size = 28;
  if (bpf_probe_read_user(bytes, MASKED(size, 31), (void*)address)) return;
  const u16 family = *(u16*)bytes;
  end->port = bpf_ntohs(*(u16*)(bytes + 2));
  __builtin_memset(end->address, 0, sizeof end->address);
  if (family == FAMILY_INET) __builtin_memcpy(end->address, bytes + 4, 4);
  if (family == FAMILY_INET6) __builtin_memcpy(end->address, bytes + 8, 16);
}

/// Bytes of the application: bytes_acked would count SYN and FIN.
static __always_inline void fill_traffic(struct kernel_socket_record* record, struct sock* sk) {
  struct tcp_sock* tcp = (void*)sk;
  record->bytes_sent = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
  record->bytes_received = BPF_CORE_READ(tcp, bytes_received);
  const u64 done = bpf_core_enum_value(enum sock_flags, SOCK_DONE);
  const bool has_fin = BPF_CORE_READ(sk, __sk_common.skc_flags) >> done & 1;
  if (has_fin && record->bytes_received) record->bytes_received--;
  record->retransmits = BPF_CORE_READ(tcp, total_retrans);
  record->round_trip_us = BPF_CORE_READ(tcp, srtt_us) >> 3;
}

/// All of a record but who, what and with which result.
static __noinline int fill_socket(struct kernel_socket_record* record, struct sock* sk) {
  record->fd = -1;
  record->is_unknown = 0;
  record->accepted = 0;
  record->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  record->type = BPF_CORE_READ(sk, sk_type);
  record->protocol = BPF_CORE_READ(sk, sk_protocol);
  record->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
  record->cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
  record->started_ns = record->head.time_ns;
  record->bytes_sent = record->bytes_received = 0;
  record->retransmits = record->round_trip_us = 0;
  fill_ends(record, sk);
  return 0;
}

/// A record of a socket with all but who; null when there is no room. Inlined: the verifier of 6.1
/// forgets at the end of a function that memory of the ring is not null.
static __always_inline struct kernel_socket_record* begin_socket(struct sock* sk, u32 action,
                                                                 int error) {
  struct kernel_socket_record* record = RESERVE(struct kernel_socket_record, KERNEL_RECORD_SOCKET);
  if (!record) return 0;
  record->action = action;
  record->error = error;
  fill_socket(record, sk);
  return record;
}

static __always_inline void set_owner(struct kernel_socket_record* record,
                                      const struct connection* connection) {
  if (!connection || !(connection->flags & CONNECTION_OWNED)) {
    __builtin_memset(&record->caller, 0, sizeof record->caller);
    record->head.flags |= KERNEL_OWNER_UNKNOWN;
    if (connection) record->started_ns = connection->started_ns;
    return;
  }
  __builtin_memcpy(&record->caller, &connection->owner, sizeof record->caller);
  record->started_ns = connection->started_ns;
  if (connection->cookie) record->cookie = connection->cookie;
  if (connection->flags & CONNECTION_URING) record->head.flags |= KERNEL_VIA_URING;
}

/// The socket that a descriptor of the current process stands for, or null.
static __always_inline struct sock* socket_of_file(struct file* file) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & FILE_TYPE) != SOCKET_FILE) return 0;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  return BPF_CORE_READ(socket, sk);
}

static __always_inline struct sock* socket_of(int fd) {
  struct task_struct* task = (void*)bpf_get_current_task();
  struct fdtable* table = BPF_CORE_READ(task, files, fdt);
  if (fd < 0 || (u32)fd >= BPF_CORE_READ(table, max_fds)) return 0;
  struct file** files = BPF_CORE_READ(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof file, files + fd);
  return socket_of_file(file);
}

/// A call that has returned.
struct socket_call {
  u32 action;
  int fd;
  long result;
  u64 address, address_size;  ///< in memory of the caller; 0 when there is none
  bool is_uring;
};

/// What a call that accepts gives: the new descriptor.
static __always_inline s32 accepted_by(const struct socket_call* call) {
  return call->action == KERNEL_SOCKET_ACCEPT && call->result > 0 ? call->result : 0;
}
