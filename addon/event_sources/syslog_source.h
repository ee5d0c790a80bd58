#pragma once

#include <optional>
#include <string>

#include "../health/health_region.h"
#include "../store/event_table.h"
#include "../system/stoppable_thread.h"
#include "syslog_pipe.h"

namespace auditql {

struct SyslogOptions {
  std::string pipe_path;
  /// Lines in 200 ms; what is more waits in the pipe. 0: no limit.
  uint32_t max_lines_per_turn = 0;
  bool operator==(const SyslogOptions&) const = default;
};

/// The thread that reads lines of rsyslog out of a named pipe: the one writer of syslog_events.
class SyslogSource {
 public:
  SyslogSource(SyslogOptions options, EventTable& table, HealthRegion& health);
  ~SyslogSource() { stop(); }

  Status start();
  /// Stores what is in the pipe and ends the thread; the pipe stays. Idempotent.
  void stop();

 private:
  void run();
  void read_turn();
  /// False when the pipe has nothing more.
  bool read_block();
  void take_lines(uint32_t max_lines, uint32_t& lines);
  void store(std::string_view line);
  void keep_in_place(uint64_t now_ns);

  const SyslogOptions options_;
  EventTable& table_;
  std::optional<SyslogPipe> pipe_;
  std::string text_;           ///< read, not yet stored
  bool is_skipping_ = false;   ///< the rest of a line that is too long
  uint64_t next_look_ns_ = 0;  ///< at whether the pipe is still in place
  Row row_;
  Counter seen_, malformed_, too_long_, reopened_, errors_, limited_;
  StoppableThread thread_;
};

}  // namespace auditql
