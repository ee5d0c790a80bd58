// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "maps.bpf.h"

#if defined(__TARGET_ARCH_arm64)
#define NUMBER_OF_CALL(registers) BPF_CORE_READ(registers, syscallno)
#else
#define NUMBER_OF_CALL(registers) ((int)BPF_CORE_READ(registers, orig_ax))
#endif
#define IO_URING_ENTER 426  // on every architecture
#if defined(__TARGET_ARCH_arm64)
#define CONNECT_CALL 203
#define EXECVEAT_CALL 281
#else
#define CONNECT_CALL 42
#define EXECVEAT_CALL 322
#endif

/// Id of the process in pid namespaces: the initial one is the first.
static __always_inline u32 initial_number(struct signal_struct* signal, u32 type) {
  return BPF_CORE_READ(signal, pids[type], numbers[0].nr);
}

static __always_inline u32 pid_namespace_of(struct task_struct* leader) {
  struct pid* pid = BPF_CORE_READ(leader, thread_pid);
  const u32 level = BPF_CORE_READ(pid, level);
  // numbers[] is as long as the namespaces are deep; 32 at most (MAX_PID_NS_LEVEL).
  struct upid* innermost =
      (void*)&pid->numbers + (u64)(level & 31) * bpf_core_type_size(struct upid);
  return BPF_CORE_READ(innermost, ns, ns.inum);
}

static __always_inline void fill_credentials(struct kernel_task* out, struct task_struct* task) {
  const struct cred* cred = BPF_CORE_READ(task, real_cred);
  // uid to fsgid have stood in this order since struct cred exists.
  bpf_core_read(&out->uid, 8 * sizeof(u32), &cred->uid);
  out->auid = out->session = (u32)-1;
  if (bpf_core_field_exists(task->loginuid)) {
    out->auid = BPF_CORE_READ(task, loginuid.val);
    out->session = BPF_CORE_READ(task, sessionid);
  }
}

/// Who a process is, as events of sockets show it.
static __noinline int fill_caller(struct kernel_task* out, struct task_struct* task) {
  __builtin_memset(out, 0, sizeof *out);
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);
  struct task_struct* parent = BPF_CORE_READ(task, real_parent);
  struct signal_struct* signal = BPF_CORE_READ(task, signal);
  out->start_ns = BPF_CORE_READ(leader, start_boottime);
  out->tgid = BPF_CORE_READ(task, tgid);
  out->tid = BPF_CORE_READ(task, pid);
  out->ppid = BPF_CORE_READ(parent, tgid);
  fill_credentials(out, task);
  struct tty_struct* tty = BPF_CORE_READ(signal, tty);
  if (tty) bpf_core_read_str(out->tty, sizeof out->tty, &tty->name);
  bpf_core_read_str(out->comm, sizeof out->comm, &task->comm);
  return 0;
}

/// All that a record says of a process.
static __noinline int fill_task(struct kernel_task* out, struct task_struct* task) {
  fill_caller(out, task);
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);
  struct signal_struct* signal = BPF_CORE_READ(task, signal);
  struct nsproxy* namespaces = BPF_CORE_READ(task, nsproxy);
  out->parent_start_ns = BPF_CORE_READ(task, real_parent, group_leader, start_boottime);
  out->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
  out->pgid = initial_number(signal, bpf_core_enum_value(enum pid_type, PIDTYPE_PGID));
  out->sid = initial_number(signal, bpf_core_enum_value(enum pid_type, PIDTYPE_SID));
  out->pid_namespace = pid_namespace_of(leader);
  out->mount_namespace = BPF_CORE_READ(namespaces, mnt_ns, ns.inum);
  out->net_namespace = BPF_CORE_READ(namespaces, net_ns, ns.inum);
  return 0;
}

static __always_inline void fill_current_caller(struct kernel_task* out) {
  fill_caller(out, (struct task_struct*)bpf_get_current_task());
}

static __always_inline void fill_current(struct kernel_task* out) {
  fill_task(out, (struct task_struct*)bpf_get_current_task());
}

/// Number of the call that the current task is in; -1 where the kernel has no bpf_task_pt_regs().
static __always_inline int current_call(void) {
  if (LINUX_KERNEL_VERSION < KERNEL(5, 15)) return -1;
  struct pt_regs* registers = (void*)bpf_task_pt_regs(bpf_get_current_task_btf());
  return NUMBER_OF_CALL(registers);
}
