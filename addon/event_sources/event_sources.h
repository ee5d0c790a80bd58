#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../health/health_region.h"
#include "../store/event_table.h"
#include "device_source.h"
#include "file_source.h"
#include "syslog_source.h"

namespace auditql {

/// What is to be published; what is left out is not.
struct PublishRequest {
  std::shared_ptr<const WatchedPaths> paths;  ///< what file_events are about
  std::optional<FileOptions> files;
  std::optional<SyslogOptions> syslog;
  std::optional<DeviceOptions> devices;
};

/// Why the rows of a table do not come, or not all of them.
struct SourceProblem {
  std::string table;
  Error error;
};

/// Sources of events that no capture backend reads: changes of files, lines of syslog, devices.
/// Called by one controlling thread; each source has threads of its own, which store what is on
/// its way before they end.
class EventSources {
 public:
  using FindTable = std::function<EventTable&(std::string_view name)>;
  EventSources(FindTable table, HealthRegion& health) : table_(std::move(table)), health_(health) {}

  /// Starts, changes and stops what differs from the last request. The problems: each source whose
  /// start failed says why.
  std::vector<SourceProblem> publish(const PublishRequest& request);

 private:
  template <typename Source, typename Options>
  void renew(std::unique_ptr<Source>& source, std::optional<Options>& current,
             const std::optional<Options>& wanted, const char* table,
             std::vector<SourceProblem>& problems);

  FindTable table_;
  HealthRegion& health_;
  std::unique_ptr<FileSource> files_;
  std::optional<SyslogOptions> syslog_options_;
  std::unique_ptr<SyslogSource> syslog_;
  std::optional<DeviceOptions> device_options_;
  std::unique_ptr<DeviceSource> devices_;
};

}  // namespace auditql
