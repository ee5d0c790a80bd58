#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../../store/table_reader.h"
#include "../../system/result.h"
#include "event_view.h"

namespace auditql {

/// What process_events knows of one process.
struct ProcessSummary {
  UuidBytes uuid{};
  std::optional<UuidBytes> parent_uuid;
  std::optional<int64_t> pid, parent;
  std::string path, cmdline, username;  ///< what it runs: of its newest event that tells
  std::optional<uint64_t> ntime;        ///< of its first stored event
  uint64_t eid = 0;                     ///< of its newest event; 0: no event is stored
};

/// Follows process_uuid and parent_uuid through the stored process events, windows aside.
class Lineage {
 public:
  explicit Lineage(EventView& view) : view_(view) {}

  /// As the process was at `until_ns`, nanoseconds since 1970; where everything stored of it is
  /// younger, as its first event has it.
  Result<ProcessSummary> summary(const UuidBytes& uuid, uint64_t until_ns = UINT64_MAX);
  /// Processes whose events name `uuid` as their parent, each once, oldest first.
  Result<std::vector<UuidBytes>> children(const UuidBytes& uuid);

 private:
  Result<std::unique_ptr<Scan>> events_where(uint16_t column, const UuidBytes& uuid);
  EventView& view_;
};

}  // namespace auditql
