// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "socket.bpf.h"

#define UNIX_PATH_BYTES 108

/// At most UNIX_PATH_BYTES, compared in 32 bits as helpers take sizes: the verifier of 6.1 forgets
/// what a comparison in 64 bits says of these.
static __always_inline u32 path_size(u32 size) {
  asm volatile("%0 &= 127" : "+w"(size));
  return size > UNIX_PATH_BYTES ? 0 : size;
}

/// The name that a socket is bound to; pairs have none.
static __always_inline void read_bound_name(struct kernel_unix_record* record,
                                            struct unix_sock* sk) {
  struct unix_address* address = BPF_CORE_READ(sk, addr);
  if (!address) return;
  const int size = BPF_CORE_READ(address, len) - (int)sizeof(u16);
  if (size <= 0 || size > UNIX_PATH_BYTES) return;
  record->path_size = size;
  bpf_probe_read_kernel(record->path, path_size(size), &address->name[0].sun_path);
}

/// The name that a call asked for.
static __always_inline void read_asked_name(struct kernel_unix_record* record,
                                            const struct socket_call* call) {
  u64 size = call->address_size;
  if (size <= sizeof(u16) || !call->address) return;
  size -= sizeof(u16);
  if (size > UNIX_PATH_BYTES) size = UNIX_PATH_BYTES;
  record->path_size = size;
  bpf_probe_read_user(record->path, path_size(size), (void*)(call->address + sizeof(u16)));
}

static __always_inline void read_peer(struct kernel_unix_record* record, struct sock* sk) {
  struct pid* peer = BPF_CORE_READ(sk, sk_peer_pid);
  if (!peer) return;
  record->peer_pid = BPF_CORE_READ(peer, numbers[0].nr);
  const struct cred* cred = BPF_CORE_READ(sk, sk_peer_cred);
  // uid, gid, suid, sgid, euid: SO_PEERCRED gives the effective id.
  u32 ids[5] = {};
  bpf_core_read(ids, sizeof ids, &cred->uid);
  if (cred) record->peer_uid = ids[4];
}

static __always_inline void tell_unix_call(struct sock* sk, const struct socket_call* call) {
  struct kernel_unix_record* record = RESERVE(struct kernel_unix_record, KERNEL_RECORD_UNIX_SOCKET);
  if (!record) return;
  fill_current_caller(&record->caller);
  record->error = call->result < 0 ? -call->result : 0;
  record->fd = call->fd;
  record->accepted = accepted_by(call);
  record->reserved = 0;
  record->peer_pid = 0;
  record->peer_uid = (u32)-1;
  record->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
  record->type = BPF_CORE_READ(sk, sk_type);
  record->action = call->action;
  record->path_size = 0;
  __builtin_memset(record->path, 0, sizeof record->path);
  if (call->is_uring) record->head.flags |= KERNEL_VIA_URING;
  struct unix_sock* self = (struct unix_sock*)sk;
  const bool is_connect = call->action == KERNEL_SOCKET_CONNECT;
  if (call->address && (is_connect || record->error)) {
    read_asked_name(record, call);
  } else if (is_connect) {
    struct unix_sock* peer = (struct unix_sock*)BPF_CORE_READ(self, peer);
    if (peer) read_bound_name(record, peer);
  } else {
    read_bound_name(record, self);
  }
  if (is_connect || call->action == KERNEL_SOCKET_ACCEPT) read_peer(record, sk);
  submit(record, KERNEL_RECORD_UNIX_SOCKET);
}
