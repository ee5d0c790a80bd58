#pragma once

#include <stdint.h>

/// What the loader tells the eBPF programs before they are loaded; constant from then on.
struct ebpf_settings {
  uint32_t own_tgid;  ///< whose events are left out
  /// 0: programs of cgroups look for no exclusions. Older kernels refuse those that do.
  uint32_t has_exclusions;
  uint32_t wake_bytes;  ///< wake the reader when so much waits in the ring
  /// 1: a process ends with the thread that finds no other alive, as before 6.16. For tests.
  uint32_t exit_by_live_count;
  uint64_t open_connection_ns;   ///< a connection is told of each time that it has lasted so long
  uint64_t uring_operations[2];  ///< bits of IORING_OP_* that are told of
};

/// Which exclusions hold; changes while the programs run.
struct ebpf_exclusion_masks {
  uint64_t generation;  ///< rises with each change; 0: there are none
  /// Exclusions that say nothing about a criterion, by bit.
  uint64_t any_exe, any_parent, any_uid, any_auid, any_cgroup, any_tree, any_address;
};

/// Bytes of a path, its last component first, as path_text() leaves it.
#define AUDITQL_EXCLUDED_PATH_BYTES 256
struct ebpf_excluded_path {
  char text[AUDITQL_EXCLUDED_PATH_BYTES];
};

/// Exclusions, by bit, that are true of a program or process.
struct ebpf_program_marks {
  uint64_t exe;            ///< it runs the file
  uint64_t parent;         ///< its children have it as parent
  uint64_t tree;           ///< it, and whatever it starts
  uint64_t generation;     ///< of the exclusions that the bits are of; set by the programs
  uint64_t is_own_worker;  ///< 1: it is auditql's own program, which auditql started
};
