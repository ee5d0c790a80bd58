#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../../system/result.h"

// libbpf's own types: we only hand their addresses around.
extern "C" {
struct bpf_object;
struct bpf_program;
struct bpf_map;
struct bpf_link;
struct ring_buffer;
}

namespace auditql {

/// The functions of libbpf that we call, loaded when the programs are: auditql needs no libbpf
/// where it does not use eBPF, and is linked with none of its libraries. From version 1.0 on.
struct Libbpf {
  bpf_object* (*object_open_mem)(const void*, size_t, const void*);
  int (*object_load)(bpf_object*);
  void (*object_close)(bpf_object*);
  bpf_program* (*object_next_program)(const bpf_object*, bpf_program*);
  bpf_map* (*object_find_map_by_name)(const bpf_object*, const char*);
  const char* (*program_name)(const bpf_program*);
  const char* (*program_section_name)(const bpf_program*);
  int (*program_fd)(const bpf_program*);
  int (*program_set_autoload)(bpf_program*, bool);
  bpf_link* (*program_attach)(const bpf_program*);
  bpf_link* (*program_attach_perf_event)(const bpf_program*, int);
  bpf_link* (*program_attach_cgroup)(const bpf_program*, int);
  int (*link_destroy)(bpf_link*);
  int (*map_fd)(const bpf_map*);
  int (*map_set_max_entries)(bpf_map*, uint32_t);
  int (*map_set_initial_value)(bpf_map*, const void*, size_t);
  int (*map_lookup_elem)(int, const void*, void*);
  int (*map_update_elem)(int, const void*, const void*, uint64_t);
  int (*map_delete_elem)(int, const void*);
  int (*map_get_next_key)(int, const void*, void*);
  int (*obj_get_info_by_fd)(int, void*, uint32_t*);
  int (*possible_cpus)();
  ring_buffer* (*ring_buffer_new)(int, int (*)(void*, void*, size_t), void*, const void*);
  int (*ring_buffer_consume)(ring_buffer*);
  void (*ring_buffer_free)(ring_buffer*);
};

/// What to do where load_libbpf() fails.
inline constexpr char kInstallLibbpf[] =
    "install libbpf 1.0 or later: apt-get install libbpf1 (Debian, Ubuntu), dnf install libbpf "
    "(Fedora, RHEL), apk add libbpf (Alpine), pacman -S libbpf (Arch)";

/// Loads the library once; it stays. Errors: capture_start_failed.
Result<const Libbpf*> load_libbpf();

/// What libbpf has last complained of in this thread, and forgets it; empty when nothing.
std::string take_libbpf_complaint();

}  // namespace auditql
