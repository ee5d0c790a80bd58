// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "tcp.bpf.h"

// Connections that last: auditql runs the program from time to time. It has no tracepoint.

#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE_WAIT 8

static __always_inline bool is_open(struct sock* sk) {
  switch (BPF_CORE_READ(sk, __sk_common.skc_state)) {
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT1:
    case TCP_FIN_WAIT2:
    case TCP_CLOSE_WAIT:
      return true;
  }
  return false;
}

static long tell_open_connection(void* map, u64* key, struct connection* connection, u64* now_ns) {
  const u64 told_ns = connection->told_ns ? connection->told_ns : connection->started_ns;
  if (*now_ns < told_ns + settings.open_connection_ns) return 0;
  struct sock* sk = (void*)*key;
  // Memory of a socket that has ended may be that of another one.
  if (!is_open(sk)) return 0;
  if (BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) != connection->cookie) return 0;
  connection->told_ns = *now_ns;
  tell(sk, KERNEL_SOCKET_ACTIVE, 0, connection);
  return 0;
}

SEC("syscall")
int tell_open_connections(void* context) {
  u64 now_ns = bpf_ktime_get_boot_ns();
  bpf_for_each_map_elem(&connections, tell_open_connection, &now_ns, 0);
  return 0;
}
