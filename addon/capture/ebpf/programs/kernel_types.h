// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

// The kernel's types as far as the programs read them. libbpf replaces each offset by that of the
// running kernel (CO-RE), so members may be left out and stand in any order.

#define __VMLINUX_H__  // libbpf's macros take the kernel's names of registers

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int8_t __s8;
typedef int16_t __s16;
typedef int32_t __s32;
typedef int64_t __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };
enum { BPF_F_NO_PREALLOC = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_RINGBUF = 27,
  BPF_MAP_TYPE_TASK_STORAGE = 29,
};

/// What a program on cgroup/sendmsg gets (uapi/linux/bpf.h); not moved by CO-RE.
struct bpf_sock {
  u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4, src_ip6[4], src_port;
};
struct bpf_sock_addr {
  u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol;
  u32 msg_src_ip4, msg_src_ip6[4];
  struct bpf_sock* sk __attribute__((aligned(8)));
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_arm64)
struct pt_regs {
  unsigned long orig_x0;
  int syscallno;
};
struct user_pt_regs {
  unsigned long regs[31], sp, pc, pstate;
};
#else
struct pt_regs {
  unsigned long r10, r9, r8, ax, dx, si, di, orig_ax, ip, cs;
};
#endif

typedef struct {
  int counter;
} atomic_t;
typedef struct {
  s64 counter;
} atomic64_t;
typedef struct {
  u32 val;
} kuid_t;
typedef struct {
  u32 val;
} kgid_t;
typedef struct {
  u64 val;
} kernel_cap_t;

struct ns_common {
  unsigned int inum;
};
struct pid_namespace {
  struct ns_common ns;
};
struct mnt_namespace {
  struct ns_common ns;
};
struct net {
  struct ns_common ns;
};
struct nsproxy {
  struct mnt_namespace* mnt_ns;
  struct net* net_ns;
};
struct upid {
  int nr;
  struct pid_namespace* ns;
};
struct pid {
  unsigned int level;
  struct upid numbers[1];
};
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };
struct cred {
  kuid_t uid;
  kernel_cap_t cap_effective;
};
struct tty_struct {
  char name[64];
};
struct signal_struct {
  atomic_t live;
  int group_exit_code;
  unsigned int flags;
  struct pid* pids[4];
  struct tty_struct* tty;
  u64 utime, stime;
  unsigned long maxrss;
};
struct task_io_accounting {
  u64 rchar, wchar;
};

struct qstr {
  const unsigned char* name;
};
struct dentry_operations {
  void* d_dname;
};
struct dentry {
  struct dentry* d_parent;
  struct qstr d_name;
  const struct dentry_operations* d_op;
};
struct super_block {
  u32 s_dev;
};
struct inode {
  u16 i_mode;
  kuid_t i_uid;
  kgid_t i_gid;
  unsigned int i_nlink;
  unsigned long i_ino;
  struct super_block* i_sb;
};
struct vfsmount {
  struct dentry* mnt_root;
};
struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};
struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};
struct fs_struct {
  struct path root, pwd;
};
struct file {
  struct path f_path;
  struct inode* f_inode;
  void* private_data;
};
struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};
struct files_struct {
  struct fdtable* fdt;
};
struct mm_struct {
  unsigned long arg_start, arg_end;
  struct file* exe_file;
};

struct kernfs_node {
  struct kernfs_node* parent;
  const char* name;
  u64 id;
};
struct kernfs_node___since_6_15 {
  struct kernfs_node* __parent;
};
struct cgroup {
  struct kernfs_node* kn;
};
struct cgroup_subsys_state {
  struct cgroup* cgroup;
};
struct css_set {
  struct cgroup* dfl_cgrp;
  struct cgroup_subsys_state* subsys[16];
};
enum cgroup_subsys_id { pids_cgrp_id = 11 };

struct task_struct {
  int pid, tgid;
  unsigned int flags;
  struct task_struct *real_parent, *group_leader;
  u64 start_boottime;
  const struct cred* real_cred;
  char comm[16];
  struct fs_struct* fs;
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  kuid_t loginuid;
  unsigned int sessionid;
  struct mm_struct* mm;
  int exit_code;
  struct pid* thread_pid;
  struct css_set* cgroups;
  u64 utime, stime;
  struct task_io_accounting ioac;
};
struct linux_binprm {
  struct file* file;
  const char* filename;
  int argc;
};

struct in6_addr {
  union {
    u8 u6_addr8[16];
  } in6_u;
};
typedef struct {
  struct net* net;
} possible_net_t;
enum sock_flags { SOCK_DEAD, SOCK_DONE };
struct sock_common {
  __be32 skc_daddr, skc_rcv_saddr;
  __be16 skc_dport;
  u16 skc_num, skc_family;
  unsigned long skc_flags;
  unsigned char skc_state;
  struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
  atomic64_t skc_cookie;
};
struct sock {
  struct sock_common __sk_common;
  u16 sk_type, sk_protocol;
  int sk_err, sk_err_soft;
  u32 sk_max_ack_backlog;
  struct pid* sk_peer_pid;
  const struct cred* sk_peer_cred;
};
struct inet_sock {
  struct sock sk;
  __be16 inet_sport;
  __be32 inet_saddr;
};
struct tcp_sock {
  u64 bytes_received, bytes_sent, bytes_retrans;
  u32 total_retrans, srtt_us;
};
struct socket {
  struct sock* sk;
};
struct sockaddr_un {
  u16 sun_family;
  char sun_path[108];
};
struct unix_address {
  int len;
  struct sockaddr_un name[0];
};
struct unix_sock {
  struct sock sk;
  struct unix_address* addr;
  struct sock* peer;
};

struct trace_entry {
  unsigned short type;
};
struct syscall_trace_exit {
  struct trace_entry ent;
  int nr;
  long ret;
};
struct io_cqe {
  s32 res;
};
struct io_kiocb {
  struct file* file;
  u8 opcode;
  struct io_cqe cqe;
};

#pragma clang attribute pop
