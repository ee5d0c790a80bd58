// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "socket_calls.bpf.h"

// The first datagram that a socket sends to an address. The hook of the root cgroup sees each
// address that a datagram is sent to, however that is asked for, and other calls pay nothing. A
// connected socket's is told by its connect(2).

struct flow {
  u64 cookie;
  u8 address[16];
  u16 port;
  u16 reserved[3];
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct flow);
  __type(value, u64);
} flows SEC(".maps");

static __always_inline void tell_datagram(struct bpf_sock_addr* context, const struct flow* flow,
                                          u16 family) {
  struct kernel_socket_record* record = RESERVE(struct kernel_socket_record, KERNEL_RECORD_SOCKET);
  if (!record) return;
  fill_current_caller(&record->caller);
  __builtin_memset(&record->local, 0, sizeof record->local);
  __builtin_memset(&record->remote, 0, sizeof record->remote);
  struct bpf_sock* sk = context->sk;
  if (sk) {
    record->local.port = sk->src_port;
    if (family == FAMILY_INET) *(u32*)record->local.address = sk->src_ip4;
  }
  __builtin_memcpy(record->remote.address, flow->address, 16);
  record->remote.port = flow->port;
  record->cookie = flow->cookie;
  record->started_ns = record->head.time_ns;
  record->bytes_sent = record->bytes_received = 0;
  record->retransmits = record->round_trip_us = record->backlog = 0;
  record->error = 0;
  record->fd = -1;
  record->family = family;
  record->type = context->type;
  record->protocol = context->protocol;
  record->action = KERNEL_SOCKET_SEND;
  record->is_unknown = 1;
  record->accepted = 0;
  if (is_in_uring()) record->head.flags |= KERNEL_VIA_URING;
  submit(record, KERNEL_RECORD_SOCKET);
}

static __always_inline int before_datagram(struct bpf_sock_addr* context, u16 family) {
  struct flow flow = {};
  flow.cookie = bpf_get_socket_cookie(context);
  flow.port = bpf_ntohs((u16)context->user_port);
  if (family == FAMILY_INET) {
    *(u32*)flow.address = context->user_ip4;
  } else {
    *(u32*)flow.address = context->user_ip6[0];
    *(u32*)(flow.address + 4) = context->user_ip6[1];
    *(u32*)(flow.address + 8) = context->user_ip6[2];
    *(u32*)(flow.address + 12) = context->user_ip6[3];
  }
  if (bpf_map_lookup_elem(&flows, &flow)) return 1;
  const u64 now = bpf_ktime_get_boot_ns();
  bpf_map_update_elem(&flows, &flow, &now, BPF_ANY);
  const bool is_left_out =
      is_own_process() || (settings.has_exclusions && exclusion_holds_to(flow.address));
  if (!is_left_out) tell_datagram(context, &flow, family);
  return 1;  // lets it pass
}

SEC("cgroup/sendmsg4")
int before_sendmsg4(struct bpf_sock_addr* context) { return before_datagram(context, FAMILY_INET); }

SEC("cgroup/sendmsg6")
int before_sendmsg6(struct bpf_sock_addr* context) {
  return before_datagram(context, FAMILY_INET6);
}
