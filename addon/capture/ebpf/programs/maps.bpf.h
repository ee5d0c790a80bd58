// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once

#include "kernel_types.h"
// The kernel's types come first.
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../../../decode/kernel_record.h"
#include "../program_settings.h"

/// A map or section of its own, so that the loader finds the settings by name.
const volatile struct ebpf_settings settings SEC(".rodata.settings") = {};
const volatile uint32_t record_version SEC(".rodata.version") = AUDITQL_KERNEL_RECORD_VERSION;

extern int LINUX_KERNEL_VERSION __kconfig;
#define KERNEL(major, minor) ((major) << 16 | (minor) << 8)

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16 << 20);  // the loader sets the configured size
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct kernel_counts);
} counts SEC(".maps");

/// Keeps a mask in the program: the compiler proves that it is not needed, but the verifier has
/// lost that proof when the number comes back from the stack.
#define MASKED(number, mask)                     \
  ({                                             \
    u64 masked = (number);                       \
    asm volatile("%0 &= " #mask : "+r"(masked)); \
    masked;                                      \
  })

static __always_inline struct kernel_counts* cpu_counts(void) {
  u32 first = 0;
  return bpf_map_lookup_elem(&counts, &first);
}

// Atomic, because a program can be interrupted by another on the same CPU.
static __always_inline void add_one(u64* counter) { __sync_fetch_and_add(counter, 1); }

static __always_inline void count_sent(u32 kind) {
  struct kernel_counts* of_cpu = cpu_counts();
  if (of_cpu) add_one(&of_cpu->sent[kind & 7]);
}

static __always_inline void count_lost(u32 kind) {
  struct kernel_counts* of_cpu = cpu_counts();
  if (of_cpu) add_one(&of_cpu->lost[kind & 7]);
}

/// Without a flag the kernel wakes the reader for a record that is the only one in the ring. The
/// reader then lets others come, and is woken earlier only when much has come.
static __always_inline u64 wake_flag(void) {
  const u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
  return waiting >= settings.wake_bytes ? BPF_RB_FORCE_WAKEUP : 0;
}

static __always_inline void begin_record(struct kernel_record* head, u32 kind, u32 size) {
  head->kind = kind;
  head->flags = 0;
  head->size = size;
  head->time_ns = bpf_ktime_get_boot_ns();
}

/// Room for a record of a type, or null when there is none, which is counted.
#define RESERVE(type, kind)                                     \
  ({                                                            \
    type* record = bpf_ringbuf_reserve(&ring, sizeof(type), 0); \
    if (record)                                                 \
      begin_record(&record->head, kind, sizeof(type));          \
    else                                                        \
      count_lost(kind);                                         \
    record;                                                     \
  })

static __always_inline void submit(void* record, u32 kind) {
  bpf_ringbuf_submit(record, wake_flag());
  count_sent(kind);
}
