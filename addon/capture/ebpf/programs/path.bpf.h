// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "exclusion.bpf.h"

// Texts of a record are gathered in memory of the CPU, because their size is known only then. A
// tracepoint program can be preempted by another where the kernel is preemptible (after 6.18), so
// each takes a buffer of its own.

#define BUFFERS 3
#define BUFFER_BYTES 32768  // PCPU_MIN_UNIT_SIZE, the most that a per-CPU map has
#define PATH_BYTES 4096
#define NAME_BYTES 256
#if defined(__TARGET_ARCH_arm64)
#define FIRST_WITH_EXCHANGE KERNEL(5, 18)
#else
#define FIRST_WITH_EXCHANGE KERNEL(5, 12)
#endif

struct text_buffer {
  u32 is_taken;
  u32 used;  ///< bytes of `text`
  u32 is_cut;
  u32 reserved;
  struct kernel_exec_record record;
  char text[BUFFER_BYTES - 16 - sizeof(struct kernel_exec_record)];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, BUFFERS);
  __type(key, u32);
  __type(value, struct text_buffer);
} buffers SEC(".maps");

static __always_inline struct text_buffer* buffer_at(u32 index) {
  return bpf_map_lookup_elem(&buffers, &index);
}

static __always_inline bool take(struct text_buffer* buffer) {
  // Older kernels have no exchange, and do not preempt these programs.
  if (LINUX_KERNEL_VERSION >= FIRST_WITH_EXCHANGE)
    return !__sync_lock_test_and_set(&buffer->is_taken, 1);
  const bool is_free = !buffer->is_taken;
  buffer->is_taken = 1;
  return is_free;
}

/// Index of a buffer that is ours until give_back(); BUFFERS when all are taken.
static __always_inline u32 take_buffer(void) {
#pragma unroll
  for (u32 index = 0; index < BUFFERS; index++) {
    struct text_buffer* buffer = buffer_at(index);
    if (buffer && take(buffer)) {
      buffer->used = 0;
      return index;
    }
  }
  return BUFFERS;
}

static __always_inline void give_back(struct text_buffer* buffer) {
  *(volatile u32*)&buffer->is_taken = 0;
}

/// Appends a text of the kernel with its NUL; bytes added, or less than 1.
static __always_inline long append(struct text_buffer* buffer, const void* text) {
  const u32 used = buffer->used;
  if (used > 16383) return 0;
  const long size = bpf_probe_read_kernel_str(&buffer->text[MASKED(used, 16383)], NAME_BYTES, text);
  if (size > 0) buffer->used = used + size;
  return size;
}

// The walks are global functions of plain numbers: these are verified once, on their own. They
// read the fill of the buffer again in each turn, so that the verifier sees one state.

/// Appends the components of a path, the last one first, up to the root of the current process.
/// `is_cut` says whether components are missing. Bytes added.
__noinline int append_path(u32 index, u64 dentry_address, u64 vfsmount_address) {
  struct text_buffer* buffer = buffer_at(index);
  if (!buffer) return 0;
  struct task_struct* task = (void*)bpf_get_current_task();
  struct dentry* dentry = (void*)dentry_address;
  struct vfsmount* vfsmount = (void*)vfsmount_address;
  struct dentry* root = BPF_CORE_READ(task, fs, root.dentry);
  struct vfsmount* root_mount = BPF_CORE_READ(task, fs, root.mnt);
  struct mount* mount = (void*)vfsmount - bpf_core_field_offset(struct mount, mnt);
  const u32 begin = buffer->used;
  buffer->is_cut = 0;
  // A memfd, pipe or socket is in no directory; its name is all there is ("memfd:x").
  if (dentry == BPF_CORE_READ(dentry, d_parent) && BPF_CORE_READ(dentry, d_op, d_dname)) {
    append(buffer, BPF_CORE_READ(dentry, d_name.name));
    return buffer->used - begin;
  }
  for (int step = 0; step < 128; step++) {
    if (dentry == root && vfsmount == root_mount) return buffer->used - begin;
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);
    if (dentry == BPF_CORE_READ(vfsmount, mnt_root) || dentry == parent) {
      struct mount* above = BPF_CORE_READ(mount, mnt_parent);
      if (above == mount) return buffer->used - begin;
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      mount = above;
      vfsmount = (void*)mount + bpf_core_field_offset(struct mount, mnt);
      continue;
    }
    if (buffer->used - begin > PATH_BYTES - NAME_BYTES) break;
    if (append(buffer, BPF_CORE_READ(dentry, d_name.name)) <= 0) break;
    dentry = parent;
  }
  buffer->is_cut = 1;
  return buffer->used - begin;
}

/// The same of a cgroup.
__noinline int append_cgroup(u32 index, u64 node_address) {
  struct text_buffer* buffer = buffer_at(index);
  if (!buffer) return 0;
  struct kernfs_node* node = (void*)node_address;
  const u32 begin = buffer->used;
  buffer->is_cut = 0;
  for (int step = 0; step < 16; step++) {
    struct kernfs_node* parent;
    if (bpf_core_field_exists(struct kernfs_node___since_6_15, __parent)) {
      parent = BPF_CORE_READ((struct kernfs_node___since_6_15*)node, __parent);
    } else {
      parent = BPF_CORE_READ(node, parent);
    }
    if (!parent) return buffer->used - begin;
    if (buffer->used - begin > 1024 - NAME_BYTES) break;
    if (append(buffer, BPF_CORE_READ(node, name)) <= 0) break;
    node = parent;
  }
  buffer->is_cut = 1;
  return buffer->used - begin;
}

/// The cgroup that containers are told by: of version 2, else that of the pids controller.
static __always_inline u64 cgroup_node(struct task_struct* task) {
  struct css_set* groups = BPF_CORE_READ(task, cgroups);
  struct kernfs_node* node = BPF_CORE_READ(groups, dfl_cgrp, kn);
  struct kernfs_node* parent;
  if (bpf_core_field_exists(struct kernfs_node___since_6_15, __parent)) {
    parent = BPF_CORE_READ((struct kernfs_node___since_6_15*)node, __parent);
  } else {
    parent = BPF_CORE_READ(node, parent);
  }
  if (parent || !bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)) return (u64)node;
  const u32 pids = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
  return (u64)BPF_CORE_READ(groups, subsys[pids & 15], cgroup, kn);
}
