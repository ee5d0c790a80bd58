// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "socket.bpf.h"

// include/net/tcp_states.h
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10

#define ECANCELED 125

/// Before 5.12 the helper is not for tracepoints, and a socket has none until it is asked for it.
static __always_inline u64 cookie_of(struct sock* sk) {
  if (LINUX_KERNEL_VERSION >= KERNEL(5, 12)) return bpf_get_socket_cookie(sk);
  return BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
}

/// connect(2) or listen(2): the caller runs. What comes later may come in anyone's time.
static __always_inline void open_connection(struct sock* sk, u64 key, int new_state) {
  struct connection opened = {};
  opened.started_ns = bpf_ktime_get_boot_ns();
  u8 remote[16] = {};
  if (BPF_CORE_READ(sk, __sk_common.skc_family) == FAMILY_INET6) {
    bpf_core_read(remote, 16, &sk->__sk_common.skc_v6_daddr);
  } else {
    bpf_core_read(remote, 4, &sk->__sk_common.skc_daddr);
  }
  if (is_own() || exclusion_holds_to(remote)) {
    opened.flags = CONNECTION_EXCLUDED;
  } else {
    opened.flags = CONNECTION_OWNED | (is_in_uring() ? CONNECTION_URING : 0);
    fill_current_caller(&opened.owner);
  }
  opened.cookie = cookie_of(sk);
  bpf_map_update_elem(&connections, &key, &opened, BPF_ANY);
  if (new_state != TCP_LISTEN || opened.flags & CONNECTION_EXCLUDED) return;
  struct kernel_socket_record* record = begin_socket(sk, KERNEL_SOCKET_LISTEN, 0);
  if (!record) return;
  set_owner(record, &opened);
  submit(record, KERNEL_RECORD_SOCKET);
}

static __always_inline void tell(struct sock* sk, u32 action, int error,
                                 const struct connection* connection) {
  if (connection && connection->flags & CONNECTION_EXCLUDED) return;
  struct kernel_socket_record* record = begin_socket(sk, action, error);
  if (!record) return;
  set_owner(record, connection);
  if (action == KERNEL_SOCKET_CLOSE || action == KERNEL_SOCKET_ACTIVE) fill_traffic(record, sk);
  submit(record, KERNEL_RECORD_SOCKET);
}

static __always_inline void established(struct sock* sk, u64 key, int old_state) {
  if (old_state == TCP_SYN_RECV) {
    // Its owner is told by accept(2).
    struct connection opened = {};
    opened.started_ns = bpf_ktime_get_boot_ns();
    opened.cookie = cookie_of(sk);
    bpf_map_update_elem(&connections, &key, &opened, BPF_ANY);
    return;
  }
  tell(sk, KERNEL_SOCKET_CONNECT, 0, bpf_map_lookup_elem(&connections, &key));
}

static __always_inline void closed(struct sock* sk, u64 key, int old_state) {
  struct connection* connection = bpf_map_lookup_elem(&connections, &key);
  int error = BPF_CORE_READ(sk, sk_err);
  if (!error) error = BPF_CORE_READ(sk, sk_err_soft);
  if (old_state == TCP_SYN_SENT) {
    // No port was free, or the like: connect(2) returns why.
    if (!error && current_call() == CONNECT_CALL) return;
    // Without an error the application has closed it before there was an answer.
    tell(sk, KERNEL_SOCKET_CONNECT, error ? error : ECANCELED, connection);
    // connect(2) returns later, and finds that its outcome has been told.
    if (connection) connection->flags |= CONNECTION_REFUSED;
    return;
  }
  if (old_state != TCP_LISTEN) tell(sk, KERNEL_SOCKET_CLOSE, error, connection);
  bpf_map_delete_elem(&connections, &key);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, struct sock* sk, int old_state, int new_state) {
  if (sk->sk_protocol != PROTOCOL_TCP) return 0;
  const u64 key = (u64)sk;
  if (new_state == TCP_SYN_SENT || new_state == TCP_LISTEN) {
    open_connection(sk, key, new_state);
  } else if (new_state == TCP_ESTABLISHED) {
    established(sk, key, old_state);
  } else if (new_state == TCP_CLOSE) {
    closed(sk, key, old_state);
  }
  return 0;
}
