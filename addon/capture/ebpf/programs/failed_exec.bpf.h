// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "process.bpf.h"

#define FAILED_ARGUMENTS 64
#define FAILED_ARGUMENTS_BYTES 4096
#define FAILED_ARGUMENT_BYTES 1024

/// The arguments of a call, which for syscall tracepoints are in the caller's saved registers.
struct call_arguments {
  u64 at[5];
};

static __always_inline struct call_arguments arguments_of_call(void) {
  struct pt_regs* registers = (void*)bpf_task_pt_regs(bpf_get_current_task_btf());
  return (struct call_arguments){{
      PT_REGS_PARM1_CORE_SYSCALL(registers),
      PT_REGS_PARM2_CORE_SYSCALL(registers),
      PT_REGS_PARM3_CORE_SYSCALL(registers),
      PT_REGS_PARM4_CORE_SYSCALL(registers),
      PT_REGS_PARM5_CORE_SYSCALL(registers),
  }};
}

/// Appends what an array of pointers in memory of the caller names: argv of a call that failed.
__noinline int append_arguments(u32 index, u64 array) {
  struct text_buffer* buffer = buffer_at(index);
  if (!buffer) return 0;
  struct kernel_exec_record* record = &buffer->record;
  const u32 begin = buffer->used;
  for (u32 i = 0; i < FAILED_ARGUMENTS; i++) {
    u64 text = 0;
    if (bpf_probe_read_user(&text, sizeof text, (void*)(array + i * sizeof text))) {
      record->head.flags |= KERNEL_ARGUMENTS_UNREADABLE;
      break;
    }
    if (!text) return buffer->used - begin;
    record->argc = i + 1;
    const u32 used = buffer->used;
    if (used - begin > FAILED_ARGUMENTS_BYTES - FAILED_ARGUMENT_BYTES || used > 16383) break;
    const long size = bpf_probe_read_user_str(&buffer->text[MASKED(used, 16383)],
                                              FAILED_ARGUMENT_BYTES, (void*)text);
    if (size < 0) {
      record->head.flags |= KERNEL_ARGUMENTS_UNREADABLE;
      break;
    }
    if (size == FAILED_ARGUMENT_BYTES) record->head.flags |= KERNEL_ARGUMENTS_CUT;
    buffer->used = used + size;
  }
  record->head.flags |= KERNEL_ARGUMENTS_CUT;
  return buffer->used - begin;
}

static __always_inline void send_failed_exec(u64 filename, u64 array, int error, u32 is_execveat) {
  const u32 index = take_buffer();
  struct text_buffer* buffer = buffer_at(index);
  if (!buffer) return count_lost(KERNEL_RECORD_EXEC);
  begin_exec(buffer);
  struct kernel_exec_record* record = &buffer->record;
  record->error = error;
  record->is_execveat = is_execveat;
  long size = bpf_probe_read_user_str(buffer->text, PATH_BYTES, (void*)filename);
  if (size < 0) {
    size = 0;
    record->head.flags |= KERNEL_FILENAME_CUT;
  }
  if (size == PATH_BYTES) record->head.flags |= KERNEL_FILENAME_CUT;
  record->text_sizes[KERNEL_TEXT_FILENAME] = buffer->used = MASKED(size, 8191);
  append_places(buffer, index);
  const int added = append_arguments(index, array);
  record->text_sizes[KERNEL_TEXT_ARGUMENTS] = added;
  record->arguments_size = added;
  send_exec(buffer);
  give_back(buffer);
}

SEC("tp/syscalls/sys_exit_execve")
int after_execve(struct syscall_trace_exit* call) {
  if (call->ret >= 0 || is_excluded()) return 0;
  const struct call_arguments arguments = arguments_of_call();
  send_failed_exec(arguments.at[0], arguments.at[1], -call->ret, 0);
  return 0;
}

SEC("tp/syscalls/sys_exit_execveat")
int after_execveat(struct syscall_trace_exit* call) {
  if (call->ret >= 0 || is_excluded()) return 0;
  const struct call_arguments arguments = arguments_of_call();
  send_failed_exec(arguments.at[1], arguments.at[2], -call->ret, 1);
  return 0;
}
