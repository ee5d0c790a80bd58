// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "task.bpf.h"

// An exclusion has a bit. Each map gives the bits of those exclusions that are true of one value
// of a criterion; the settings have the bits of those that say nothing about it. What is true of
// all criteria excludes.

struct ebpf_exclusion_masks exclusion_masks SEC(".data.exclusions") = {};
#define MASK_OF(criterion) (*(volatile u64*)&exclusion_masks.criterion)

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct ebpf_program_marks);
} marks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, struct ebpf_excluded_path);
  __type(value, struct ebpf_program_marks);
} excluded_paths SEC(".maps");

#define NUMBER_MAP(name, key_type)   \
  struct {                           \
    __uint(type, BPF_MAP_TYPE_HASH); \
    __uint(max_entries, 256);        \
    __type(key, key_type);           \
    __type(value, u64);              \
  } name SEC(".maps")
NUMBER_MAP(excluded_uids, u32);
NUMBER_MAP(excluded_auids, u32);
NUMBER_MAP(excluded_cgroups, u64);

struct address_key {
  u8 bytes[16];
};
NUMBER_MAP(excluded_addresses, struct address_key);

static __always_inline u64 bits_of(void* map, const void* key) {
  const u64* bits = bpf_map_lookup_elem(map, key);
  return bits ? *bits : 0;
}

static __always_inline bool count_own(void) {
  struct kernel_counts* of_cpu = cpu_counts();
  if (of_cpu) add_one(&of_cpu->own);
  return true;
}

/// For programs of cgroups, which have no task storage on older kernels.
static __always_inline bool is_own_process(void) {
  return bpf_get_current_pid_tgid() >> 32 == settings.own_tgid && count_own();
}

/// Whether the current process is auditql or a worker of it.
static __noinline bool is_own(void) {
  struct task_struct* task = bpf_get_current_task_btf();
  if (task->tgid == settings.own_tgid) return count_own();
  if (task->real_parent->tgid != settings.own_tgid) return false;
  struct ebpf_program_marks* found = bpf_task_storage_get(&marks, task->group_leader, 0, 0);
  return found && found->is_own_worker && count_own();
}

/// A process that auditql starts runs a program: it is a worker when that is auditql's own.
static __always_inline void mark_worker(const struct inode* inode) {
  struct task_struct* task = bpf_get_current_task_btf();
  if (task->real_parent->tgid != settings.own_tgid) return;
  struct task_struct* parent = (void*)task->real_parent;
  const bool is_worker = inode == BPF_CORE_READ(parent, mm, exe_file, f_inode);
  struct ebpf_program_marks* own =
      bpf_task_storage_get(&marks, task, 0, is_worker ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
  if (own) own->is_own_worker = is_worker;
}

/// Bits of exclusions that do not hold any more say nothing.
static __always_inline struct ebpf_program_marks* marks_of(struct task_struct* leader) {
  struct ebpf_program_marks* found = bpf_task_storage_get(&marks, leader, 0, 0);
  return found && found->generation == MASK_OF(generation) ? found : 0;
}

/// The exclusions that are true of the current process, whatever address it talks to.
static __noinline u64 exclusions_of_current(void) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct ebpf_program_marks* own = marks_of(task->group_leader);
  struct ebpf_program_marks* parent = marks_of(task->real_parent);
  u64 bits = MASK_OF(any_exe) | (own ? own->exe : 0);
  bits &= MASK_OF(any_tree) | (own ? own->tree : 0);
  bits &= MASK_OF(any_parent) | (parent ? parent->parent : 0);
  if (!bits) return 0;
  const u32 uid = (u32)bpf_get_current_uid_gid();
  bits &= MASK_OF(any_uid) | bits_of(&excluded_uids, &uid);
  u32 auid = (u32)-1;
  if (bpf_core_field_exists(task->loginuid)) {
    auid = BPF_CORE_READ((struct task_struct*)bpf_get_current_task(), loginuid.val);
  }
  bits &= MASK_OF(any_auid) | bits_of(&excluded_auids, &auid);
  const u64 cgroup = bpf_get_current_cgroup_id();
  return bits & (MASK_OF(any_cgroup) | bits_of(&excluded_cgroups, &cgroup));
}

static __always_inline bool count_excluded(u64 bits) {
  if (!bits) return false;
  struct kernel_counts* of_cpu = cpu_counts();
  if (of_cpu) add_one(&of_cpu->excluded);
  return true;
}

/// Whether an exclusion is true of the current process.
static __always_inline bool exclusion_holds(void) {
  if (!MASK_OF(generation)) return false;
  return count_excluded(exclusions_of_current() & MASK_OF(any_address));
}

/// Whether an exclusion is true of the current process when it talks to that address.
static __always_inline bool exclusion_holds_to(const u8* address) {
  if (!MASK_OF(generation)) return false;
  const u64 bits = exclusions_of_current();
  if (!bits) return false;
  struct address_key key;
  __builtin_memcpy(key.bytes, address, sizeof key.bytes);
  return count_excluded(bits & (MASK_OF(any_address) | bits_of(&excluded_addresses, &key)));
}

/// Whether events of the current process are left out, and counted.
static __always_inline bool is_excluded(void) { return is_own() || exclusion_holds(); }

/// A process runs another program from now on.
static __always_inline void mark_program(const struct ebpf_excluded_path* path) {
  struct ebpf_program_marks* found = bpf_map_lookup_elem(&excluded_paths, path);
  struct ebpf_program_marks* own = bpf_task_storage_get(&marks, bpf_get_current_task_btf(), 0,
                                                        found ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
  if (!own) return;
  own->exe = found ? found->exe : 0;
  own->parent = found ? found->parent : 0;
  const u64 before = own->generation == MASK_OF(generation) ? own->tree : 0;
  own->tree = before | (found ? found->tree : 0);
  own->generation = MASK_OF(generation);
}

/// fork(2) hands down what is true of the caller.
static __always_inline void mark_child(struct task_struct* child) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct ebpf_program_marks* own = marks_of(task->group_leader);
  if (!own) return;
  struct ebpf_program_marks* of_child =
      bpf_task_storage_get(&marks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!of_child) return;
  *of_child = *own;
  of_child->is_own_worker = 0;
}
