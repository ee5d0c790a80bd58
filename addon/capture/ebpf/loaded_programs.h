#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../../decode/kernel_record.h"
#include "kernel_exclusion.h"
#include "libbpf.h"

namespace auditql {

class Tracepoints;

struct ProgramOptions {
  uint32_t ring_bytes = 16 << 20;    ///< a power of two, and of pages
  uint32_t max_connections = 16384;  ///< whose owners are known when they end
  uint32_t own_tgid = 0;             ///< whose events are left out
  int open_connection_ms = 300'000;  ///< how long until a connection is told of again
  bool exit_by_live_count = false;   ///< as on kernels before 6.16; for tests
};

/// A part of the programs that this kernel does not take.
struct MissingPrograms {
  std::string part;  ///< `calls`, `datagrams`, `io_uring`, `open_connections`, or a program's name
  std::string reason, remedy;
};

/// The programs in the kernel, attached. They end with this, or with the process: nothing is
/// pinned.
class LoadedPrograms {
 public:
  /// Nothing is excluded but events of `own_tgid`, until exclude() is called. Errors:
  /// capture_start_failed when processes cannot be seen.
  static Result<std::unique_ptr<LoadedPrograms>> load(const ProgramOptions& options);
  ~LoadedPrograms();
  LoadedPrograms(const LoadedPrograms&) = delete;
  LoadedPrograms& operator=(const LoadedPrograms&) = delete;

  const Libbpf& libbpf() const { return libbpf_; }
  int ring_fd() const;
  /// Counters by CPU.
  std::vector<kernel_counts> counts() const;
  /// Events that the kernel did not call a program for. Each may have been one to tell of, or not.
  uint64_t missed() const;
  /// A record of each connection that has been open for another `open_connection_ms`.
  void tell_open_connections();
  /// Other exclusions from now on. Meanwhile nothing is excluded. One thread at a time.
  void exclude(std::span<const KernelExclusion> exclusions);
  const std::vector<MissingPrograms>& missing() const { return missing_; }

 private:
  LoadedPrograms(const Libbpf& libbpf, const ProgramOptions& options)
      : libbpf_(libbpf), options_(options) {}
  Status load_most();
  Status open();
  size_t refused_part(std::string_view message) const;
  bool is_left_out(size_t part) const;
  Status set_up_maps();
  void empty_map(const char* name);
  void fill_maps(const ExclusionTables& tables);
  void mark_running(const ExclusionTables& tables);
  Status attach();
  Status attach_program(bpf_program* program, const Tracepoints* tracepoints);
  int map_fd(const char* name) const;

  const Libbpf& libbpf_;
  const ProgramOptions& options_;  ///< during load()
  ebpf_settings settings_{};
  uint64_t generation_ = 0;  ///< of the exclusions
  bpf_object* object_ = nullptr;
  std::vector<bpf_link*> links_;
  std::vector<MissingPrograms> missing_;
};

}  // namespace auditql
