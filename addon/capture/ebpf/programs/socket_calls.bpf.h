// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "tcp.bpf.h"
#include "unix.bpf.h"

#define EINTR 4
#define EISCONN 106
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512

/// What the tracepoint of TCP's states tells as well, and more exactly.
static __always_inline bool is_told_by_state(const struct socket_call* call, u64 key,
                                             const struct connection* connection) {
  if (call->action == KERNEL_SOCKET_LISTEN) return call->result == 0;
  if (call->action != KERNEL_SOCKET_CONNECT) return false;
  if (connection && connection->flags & CONNECTION_REFUSED) {
    bpf_map_delete_elem(&connections, &key);
    return true;
  }
  const long error = -call->result;
  // EINTR: goes on in the background.
  return !error || error == EINPROGRESS || error == EALREADY || error == EISCONN ||
         error == EINTR || error == ERESTARTSYS;
}

static __always_inline void own_accepted(struct kernel_socket_record* record, u64 key,
                                         const struct connection* opened) {
  struct connection accepted = {};
  accepted.started_ns = opened ? opened->started_ns : record->head.time_ns;
  accepted.cookie = opened ? opened->cookie : record->cookie;
  accepted.flags = CONNECTION_OWNED;
  __builtin_memcpy(&accepted.owner, &record->caller, sizeof accepted.owner);
  record->cookie = accepted.cookie;
  bpf_map_update_elem(&connections, &key, &accepted, BPF_ANY);
}

static __always_inline void tell_inet_call(struct sock* sk, const struct socket_call* call) {
  const u64 key = (u64)sk;
  struct connection* connection = bpf_map_lookup_elem(&connections, &key);
  const bool is_of_tcp = is_tcp(sk);
  if (is_of_tcp && is_told_by_state(call, key, connection)) return;
  const int error = call->result < 0 ? -call->result : 0;
  struct kernel_socket_record* record = begin_socket(sk, call->action, error);
  if (!record) return;
  record->fd = call->fd;
  record->accepted = accepted_by(call);
  fill_current_caller(&record->caller);
  if (call->is_uring) record->head.flags |= KERNEL_VIA_URING;
  // A socket that failed has no address: what was asked for is in the call.
  if (error && call->action == KERNEL_SOCKET_CONNECT) {
    read_address(&record->remote, call->address, call->address_size);
  } else if (error && call->action == KERNEL_SOCKET_BIND) {
    read_address(&record->local, call->address, call->address_size);
  } else if (is_of_tcp && !error && call->action == KERNEL_SOCKET_ACCEPT) {
    own_accepted(record, key, connection);
  }
  submit(record, KERNEL_RECORD_SOCKET);
}

/// The other end, as far as the call has one.
static __always_inline void remote_of(struct kernel_socket_end* remote, struct sock* sk,
                                      const struct socket_call* call) {
  if (call->action == KERNEL_SOCKET_CONNECT && call->result < 0) {
    read_address(remote, call->address, call->address_size);
  } else if (BPF_CORE_READ(sk, __sk_common.skc_family) == FAMILY_INET6) {
    bpf_core_read(remote->address, 16, &sk->__sk_common.skc_v6_daddr);
  } else {
    bpf_core_read(remote->address, 4, &sk->__sk_common.skc_daddr);
  }
}

static __always_inline bool is_call_excluded(struct sock* sk, const struct socket_call* call) {
  if (is_own()) return true;
  if (!MASK_OF(generation)) return false;
  if (!is_inet(sk)) return exclusion_holds();
  struct kernel_socket_end remote = {};
  remote_of(&remote, sk, call);
  return exclusion_holds_to(remote.address);
}

/// The end of a connection is left out with its beginning.
static __always_inline void exclude_accepted(struct sock* sk, const struct socket_call* call) {
  if (call->action != KERNEL_SOCKET_ACCEPT || call->result < 0 || !is_tcp(sk)) return;
  const u64 key = (u64)sk;
  struct connection* connection = bpf_map_lookup_elem(&connections, &key);
  if (connection) connection->flags |= CONNECTION_EXCLUDED;
}

static __always_inline int tell_call(struct sock* sk, const struct socket_call* call) {
  if (!sk) return 0;
  if (is_call_excluded(sk, call)) {
    exclude_accepted(sk, call);
    return 0;
  }
  if (is_inet(sk)) {
    tell_inet_call(sk, call);
  } else if (BPF_CORE_READ(sk, __sk_common.skc_family) == FAMILY_UNIX) {
    tell_unix_call(sk, call);
  }
  return 0;
}

static __always_inline int after_address_call(struct syscall_trace_exit* traced, u32 action) {
  const struct call_arguments arguments = arguments_of_call();
  const struct socket_call call = {action,          arguments.at[0], traced->ret,
                                   arguments.at[1], arguments.at[2], false};
  return tell_call(socket_of(call.fd), &call);
}

static __always_inline int after_accepting(struct syscall_trace_exit* traced) {
  const struct call_arguments arguments = arguments_of_call();
  const struct socket_call call = {KERNEL_SOCKET_ACCEPT, arguments.at[0], traced->ret, 0, 0, false};
  return tell_call(socket_of(traced->ret < 0 ? call.fd : traced->ret), &call);
}

SEC("tp/syscalls/sys_exit_connect")
int after_connect(struct syscall_trace_exit* traced) {
  return after_address_call(traced, KERNEL_SOCKET_CONNECT);
}

SEC("tp/syscalls/sys_exit_bind")
int after_bind(struct syscall_trace_exit* traced) {
  return after_address_call(traced, KERNEL_SOCKET_BIND);
}

SEC("tp/syscalls/sys_exit_listen")
int after_listen(struct syscall_trace_exit* traced) {
  const struct call_arguments arguments = arguments_of_call();
  const struct socket_call call = {KERNEL_SOCKET_LISTEN, arguments.at[0], traced->ret, 0, 0, false};
  return tell_call(socket_of(call.fd), &call);
}

SEC("tp/syscalls/sys_exit_accept")
int after_accept(struct syscall_trace_exit* traced) { return after_accepting(traced); }

SEC("tp/syscalls/sys_exit_accept4")
int after_accept4(struct syscall_trace_exit* traced) { return after_accepting(traced); }
