#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../../health/health_region.h"
#include "../backend.h"
#include "loaded_programs.h"
#include "ring_reader.h"

namespace auditql {

struct EbpfBackendOptions {
  uint32_t ring_bytes = 16 << 20;    ///< of the kernel's ring: a power of two
  uint32_t max_connections = 16384;  ///< whose owners are known when they end
  int gather_ms = 20;  ///< after the first record, how long others are let come before all are read
  int open_connection_ms = 300'000;  ///< after which a connection that is open is told of again
  bool exit_by_live_count = false;   ///< as on kernels before 6.16; for tests
  std::vector<KernelExclusion> exclusions;
};

/// eBPF programs on tracepoints: processes with all arguments, failed execs, sockets with their
/// outcome and their end. Needs no kprobes, trampolines or modules. Frames are `kernel_record`s.
class EbpfBackend : public Backend {
 public:
  EbpfBackend(EbpfBackendOptions options, HealthRegion& health);
  ~EbpfBackend() override;

  Availability probe() override;
  Status start(FrameQueue& queue) override;
  void change_exclusions(const std::vector<Exclusion>& exclusions) override;
  CaptureReport report() const override;
  bool is_complete() const override { return true; }
  void stop() override;

 private:
  Status load();
  Status start_reader();
  void push(std::string_view record);
  void read_counts();
  void read_missed();

  const EbpfBackendOptions options_;
  HealthRegion& health_;
  Counter seen_, lost_, missed_, excluded_, own_, unreadable_, queue_full_;
  std::map<std::string, Counter> lost_of_;  ///< by kind and CPU, from the first loss on
  FrameQueue* queue_ = nullptr;
  std::unique_ptr<LoadedPrograms> programs_;
  std::unique_ptr<RingReader> reader_;
  std::vector<MissingPrograms> missing_;  ///< set by start()
  std::atomic<bool> stopping_{false};
  uint64_t missed_read_ns_ = 0;  ///< when `missed_` was read last
  int stop_wait_ms_ = 0;  ///< reading thread: how long a full queue may still hold up the end
};

}  // namespace auditql
