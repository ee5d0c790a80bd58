// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "datagram.bpf.h"

// Neither syscall tracepoints nor audit rules for calls see what io_uring does. TCP's states and
// the hooks of the cgroup do; here is the rest.

#define IORING_OP_ACCEPT 13
#define IORING_OP_CONNECT 16
#define IORING_OP_BIND 56
#define IORING_OP_LISTEN 57

static __always_inline u32 action_of_operation(u32 operation) {
  switch (operation) {
    case IORING_OP_ACCEPT:
      return KERNEL_SOCKET_ACCEPT;
    case IORING_OP_CONNECT:
      return KERNEL_SOCKET_CONNECT;
    case IORING_OP_BIND:
      return KERNEL_SOCKET_BIND;
    case IORING_OP_LISTEN:
      return KERNEL_SOCKET_LISTEN;
  }
  return 0;
}

static __always_inline void tell_operation(u32 operation, int result) {
  if (is_excluded()) return;
  struct kernel_uring_record* record = RESERVE(struct kernel_uring_record, KERNEL_RECORD_URING);
  if (!record) return;
  fill_current_caller(&record->caller);
  record->head.flags |= KERNEL_VIA_URING;
  record->result = result;
  record->operation = operation;
  submit(record, KERNEL_RECORD_URING);
}

/// From 6.0 on the second argument is the request. It is null for further results of one request,
/// such as those of a multishot accept.
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_uring_complete, void* ring_context, struct io_kiocb* request) {
  if (!request) return 0;
  const u32 operation = BPF_CORE_READ(request, opcode);
  if (operation > 127) return 0;
  const u32 action = action_of_operation(operation);
  const int result = BPF_CORE_READ(request, cqe.res);
  struct sock* sk = 0;
  if (action == KERNEL_SOCKET_ACCEPT && result >= 0) {
    sk = socket_of(result);
  } else if (action && action != KERNEL_SOCKET_ACCEPT) {
    sk = socket_of_file(BPF_CORE_READ(request, file));
  }
  if (sk) {
    const struct socket_call call = {action, -1, result, 0, 0, true};
    return tell_call(sk, &call);
  }
  const u64 word = operation & 64 ? settings.uring_operations[1] : settings.uring_operations[0];
  if (word >> (operation & 63) & 1) tell_operation(operation, result);
  return 0;
}
