// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "path.bpf.h"

#define SIGNAL_GROUP_EXIT 4
#define EEXIST 17
#define INLINE_ARGUMENTS 8192
#define SMALL_PIECE 4096
#define PIECE 16384
#define PIECES 448  // 7 MiB; the kernel takes at most 6 MiB (bprm_stack_limits() in fs/exec.c)

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* caller, struct task_struct* child) {
  if (MASK_OF(generation)) mark_child(child);
  if (child->pid != child->tgid || is_excluded()) return 0;
  struct kernel_fork_record* record = RESERVE(struct kernel_fork_record, KERNEL_RECORD_FORK);
  if (!record) return 0;
  fill_task(&record->caller, caller);
  record->child_start_ns = child->start_boottime;
  record->child_tgid = child->tgid;
  record->child_parent = child->real_parent->tgid;
  submit(record, KERNEL_RECORD_FORK);
  return 0;
}

/// Whether the piece is in the ring.
static __always_inline bool send_piece(struct kernel_arguments_record* record, u64 from, u64 size,
                                       u64 offset) {
  if (!record) return false;
  if (bpf_probe_read_user(record + 1, size, (void*)(from + offset))) {
    bpf_ringbuf_discard(record, 0);
    return false;
  }
  begin_record(&record->head, KERNEL_RECORD_ARGUMENTS, sizeof(*record) + size);
  record->tgid = bpf_get_current_pid_tgid() >> 32;
  record->size = size;
  record->offset = offset;
  submit(record, KERNEL_RECORD_ARGUMENTS);
  return true;
}

/// 1 when the piece at that offset is in the ring.
__noinline int send_arguments(u64 from, u64 offset, u64 end) {
  if (offset >= end) return 0;
  u64 size = end - offset;
  if (size > SMALL_PIECE) {
    if (size > PIECE) size = PIECE;
    struct kernel_arguments_record* record = bpf_ringbuf_reserve(&ring, sizeof(*record) + PIECE, 0);
    return send_piece(record, from, size, offset);
  }
  size = MASKED(size, 8191);
  if (size > SMALL_PIECE) return 0;
  struct kernel_arguments_record* record =
      bpf_ringbuf_reserve(&ring, sizeof(*record) + SMALL_PIECE, 0);
  return send_piece(record, from, size, offset);
}

static __always_inline void count_lost_arguments(u64 size) {
  struct kernel_counts* of_cpu = cpu_counts();
  const u64 pieces = (size + PIECE - 1) / PIECE;
  if (of_cpu) __sync_fetch_and_add(&of_cpu->lost[KERNEL_RECORD_ARGUMENTS], pieces);
}

/// Bytes of the arguments that are in the ring, from `begin` on. They come before the record of
/// the exec, so that its reader has all when it comes.
__noinline u64 send_all_arguments(u64 from, u64 begin, u64 end) {
  u64 offset = begin;
  for (u32 i = 0; i < PIECES && offset < end; i++) {
    if (!send_arguments(from, offset, end)) {
      // Those behind a gap would be of no use.
      count_lost_arguments(end - offset);
      return offset;
    }
    offset = begin + (u64)(i + 1) * PIECE;
  }
  return end;
}

static __always_inline void fill_file(struct kernel_exec_record* record, struct file* file) {
  struct inode* inode = BPF_CORE_READ(file, f_inode);
  record->inode = BPF_CORE_READ(inode, i_ino);
  record->device = BPF_CORE_READ(inode, i_sb, s_dev);
  record->mode = BPF_CORE_READ(inode, i_mode);
  record->links = BPF_CORE_READ(inode, i_nlink);
  record->owner_uid = BPF_CORE_READ(inode, i_uid.val);
  record->owner_gid = BPF_CORE_READ(inode, i_gid.val);
}

/// What a record of an exec begins with, whether it worked or not.
static __always_inline void begin_exec(struct text_buffer* buffer) {
  struct kernel_exec_record* record = &buffer->record;
  __builtin_memset(record, 0, sizeof *record);
  begin_record(&record->head, KERNEL_RECORD_EXEC, 0);
  fill_current(&record->caller);
  struct task_struct* task = (void*)bpf_get_current_task();
  // One u64, before 6.3 two u32 in the same order of bits.
  const struct cred* cred = BPF_CORE_READ(task, real_cred);
  bpf_core_read(&record->capabilities, sizeof record->capabilities, &cred->cap_effective);
}

static __always_inline void append_places(struct text_buffer* buffer, u32 index) {
  struct kernel_exec_record* record = &buffer->record;
  struct task_struct* task = (void*)bpf_get_current_task();
  record->text_sizes[KERNEL_TEXT_CWD] = append_path(index, (u64)BPF_CORE_READ(task, fs, pwd.dentry),
                                                    (u64)BPF_CORE_READ(task, fs, pwd.mnt));
  if (buffer->is_cut) record->head.flags |= KERNEL_CWD_CUT;
  record->text_sizes[KERNEL_TEXT_CGROUP] = append_cgroup(index, cgroup_node(task));
  if (buffer->is_cut) record->head.flags |= KERNEL_CGROUP_CUT;
}

static __always_inline void send_exec(struct text_buffer* buffer) {
  u32 used = buffer->used;
  if (used > 24575) used = 24575;
  const u64 size = MASKED(sizeof(struct kernel_exec_record) + used, 32767);
  if (size > sizeof(struct kernel_exec_record) + 24575) return;
  buffer->record.head.size = size;
  if (bpf_ringbuf_output(&ring, &buffer->record, size, wake_flag())) {
    count_lost(KERNEL_RECORD_EXEC);
  } else {
    count_sent(KERNEL_RECORD_EXEC);
  }
}

static __always_inline void count_unreadable(struct kernel_exec_record* record) {
  record->head.flags |= KERNEL_ARGUMENTS_UNREADABLE;
  struct kernel_counts* of_cpu = cpu_counts();
  if (of_cpu) add_one(&of_cpu->unreadable);
}

/// The first arguments go into the record, all others before it into records of their own.
static __always_inline void add_arguments(struct text_buffer* buffer) {
  struct kernel_exec_record* record = &buffer->record;
  struct task_struct* task = (void*)bpf_get_current_task();
  const u64 begin = BPF_CORE_READ(task, mm, arg_start), end = BPF_CORE_READ(task, mm, arg_end);
  if (end <= begin) return;
  record->arguments_size = end - begin;
  u64 size = record->arguments_size;
  if (size > INLINE_ARGUMENTS) {
    size = INLINE_ARGUMENTS;
    if (send_all_arguments(begin, INLINE_ARGUMENTS, record->arguments_size) <
        record->arguments_size) {
      record->head.flags |= KERNEL_ARGUMENTS_CUT;
    }
  }
  const u32 used = buffer->used;
  if (used > 16383) return;
  if (bpf_probe_read_user(&buffer->text[MASKED(used, 16383)], size, (void*)begin)) {
    return count_unreadable(record);
  }
  record->text_sizes[KERNEL_TEXT_ARGUMENTS] = size;
  buffer->used = used + size;
}

/// The path of the executed file as a key: its end, where it is longer.
static __always_inline void mark_executed(struct text_buffer* buffer) {
  const u32 begin = buffer->record.text_sizes[KERNEL_TEXT_FILENAME];
  const u32 size = buffer->record.text_sizes[KERNEL_TEXT_EXE];
  struct ebpf_excluded_path path = {};
  if (size <= sizeof path && begin <= PATH_BYTES) {
    bpf_probe_read_kernel(path.text, MASKED(size, 511) <= sizeof path ? MASKED(size, 511) : 0,
                          &buffer->text[MASKED(begin, 8191)]);
  }
  mark_program(&path);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct* task, int old_pid, struct linux_binprm* exec) {
  mark_worker(BPF_CORE_READ(exec, file, f_inode));
  if (is_own()) return 0;
  const u32 index = take_buffer();
  struct text_buffer* buffer = buffer_at(index);
  if (!buffer) {
    count_lost(KERNEL_RECORD_EXEC);
    return 0;
  }
  begin_exec(buffer);
  struct kernel_exec_record* record = &buffer->record;
  record->argc = BPF_CORE_READ(exec, argc);
  record->is_execveat = current_call() == EXECVEAT_CALL;
  long size = bpf_probe_read_kernel_str(buffer->text, PATH_BYTES, BPF_CORE_READ(exec, filename));
  if (size < 0) size = 0;
  if (size == PATH_BYTES) record->head.flags |= KERNEL_FILENAME_CUT;
  record->text_sizes[KERNEL_TEXT_FILENAME] = buffer->used = MASKED(size, 8191);
  struct file* file = BPF_CORE_READ(exec, file);
  fill_file(record, file);
  record->text_sizes[KERNEL_TEXT_EXE] = append_path(index, (u64)BPF_CORE_READ(file, f_path.dentry),
                                                    (u64)BPF_CORE_READ(file, f_path.mnt));
  if (buffer->is_cut) record->head.flags |= KERNEL_EXE_CUT;
  if (MASK_OF(generation)) mark_executed(buffer);
  if (!exclusion_holds()) {
    append_places(buffer, index);
    add_arguments(buffer);
    send_exec(buffer);
  }
  give_back(buffer);
  return 0;
}

/// Processes that have just ended, so that each ends once.
struct ended_process {
  u64 start_ns, tgid;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct ended_process);
  __type(value, u8);
} ended SEC(".maps");

/// Since 6.16 the tracepoint says so. Before, threads that end at once may all find none alive:
/// the first one is told.
static __always_inline bool is_last_thread(u64* arguments, struct task_struct* task,
                                           struct signal_struct* signal) {
  if (LINUX_KERNEL_VERSION >= KERNEL(6, 16) && !settings.exit_by_live_count) {
    return (u8)arguments[1];
  }
  if (BPF_CORE_READ(signal, live.counter) != 0) return false;
  struct ended_process key = {};
  key.start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
  key.tgid = BPF_CORE_READ(task, tgid);
  const u8 value = 1;
  return bpf_map_update_elem(&ended, &key, &value, BPF_NOEXIST) != -EEXIST;
}

/// What wait4(2) says: without exit_group(2) or a signal, the code of the leader.
static __always_inline u32 wait_status(struct task_struct* task, struct signal_struct* signal) {
  if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT) {
    return BPF_CORE_READ(signal, group_exit_code);
  }
  return BPF_CORE_READ(task, group_leader, exit_code);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct* task) {
  struct signal_struct* signal = BPF_CORE_READ(task, signal);
  if (!is_last_thread((u64*)ctx, task, signal) || is_excluded()) return 0;
  struct kernel_exit_record* record = RESERVE(struct kernel_exit_record, KERNEL_RECORD_EXIT);
  if (!record) return 0;
  fill_task(&record->caller, task);
  record->wait_status = wait_status(task, signal);
  record->reserved = 0;
  // signal_struct has the threads that have ended.
  record->user_ns = BPF_CORE_READ(signal, utime) + BPF_CORE_READ(task, utime);
  record->system_ns = BPF_CORE_READ(signal, stime) + BPF_CORE_READ(task, stime);
  record->max_resident_kib = BPF_CORE_READ(signal, maxrss) * 4;
  record->read_chars = record->written_chars = 0;
  if (bpf_core_field_exists(task->ioac)) {
    record->read_chars = BPF_CORE_READ(task, ioac.rchar);
    record->written_chars = BPF_CORE_READ(task, ioac.wchar);
  }
  submit(record, KERNEL_RECORD_EXIT);
  return 0;
}
