#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../health/health_region.h"
#include "event.h"
#include "field_value.h"
#include "kernel_record.h"

namespace auditql {

/// A process that has ended: its id, and its start in ticks of /proc/PID/stat.
struct EndedProcess {
  int32_t pid = 0;
  uint64_t start_ticks = 0;
};

/// Whose end the record tells; nothing for a record of another kind.
std::optional<EndedProcess> ended_process(std::string_view record);

/// Which processes have just ended. Before Linux 6.16 nothing tells sched_process_exit which thread
/// of a process is the last one, so that threads that end at the same moment may all tell of the
/// end.
class RecentEnds {
 public:
  /// False for the end of a process that add() was told of lately.
  bool add(uint32_t tgid, uint64_t start_ns) {
    Slot& slot = slots_[tgid % slots_.size()];
    const bool is_new = slot.tgid != tgid || slot.start_ns != start_ns;
    slot = {start_ns, tgid};
    return is_new;
  }

 private:
  struct Slot {
    uint64_t start_ns = 0;
    uint32_t tgid = 0;
  };
  std::array<Slot, 1024> slots_{};
};

/// Makes typed events of the records of the eBPF programs. Pure, and bounded: arguments that come
/// before their exec are kept for at most `max_waiting` processes and `max_waiting_bytes`.
///
/// Rows `{"decode", "ebpf", ...}` of the health table: seen = events + arguments + malformed +
/// unnamed + repeated ends.
class KernelEventDecoder {
 public:
  struct Limits {
    size_t max_waiting = 64;
    size_t max_waiting_bytes = 16 << 20;
  };
  KernelEventDecoder(EventSink& sink, HealthRegion& health)
      : KernelEventDecoder(sink, health, {}) {}
  KernelEventDecoder(EventSink& sink, HealthRegion& health, Limits limits);

  /// One record. `boot_offset_ns` is CLOCK_REALTIME - CLOCK_BOOTTIME; it may be below 0 by
  /// wrapping.
  void on_record(std::string_view bytes, uint64_t boot_offset_ns);

 private:
  /// Arguments that are too long for the exec record behind them.
  struct Waiting {
    std::string bytes;
    bool is_broken = false;  ///< a piece is missing
  };
  /// A record, as far as it is there.
  struct Source {
    std::string_view bytes;
    uint64_t boot_offset_ns;
  };
  struct ExecTexts {
    std::string_view filename, exe, cwd, cgroup, arguments;
  };

  bool on_fork(const Source& source);
  bool on_exec(const Source& source);
  bool on_exit(const Source& source);
  bool on_socket(const Source& source);
  bool on_unix_socket(const Source& source);
  bool on_arguments(std::string_view bytes);
  void emit(const ProcessEvent& event);
  void emit(const SocketEvent& event);
  bool split_texts(const kernel_exec_record& record, std::string_view texts, ExecTexts* to);
  bool fill_arguments(const kernel_exec_record& record, std::string_view first);
  std::string_view path_of(std::string_view components, bool is_cut, bool is_deleted);
  SocketAddress address_of(uint16_t family, const kernel_socket_end& end);

  EventSink& sink_;
  const Limits limits_;
  ByteArena arena_;
  std::map<uint32_t, Waiting> waiting_;  ///< by process id
  size_t waiting_bytes_ = 0;
  std::string arguments_;
  std::vector<std::string_view> argv_;
  Counter seen_, events_, partial_, pieces_, malformed_, unnamed_, repeated_, evicted_;
  RecentEnds recent_ends_;
};

}  // namespace auditql
