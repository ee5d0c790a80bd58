#pragma once

#include <string>
#include <vector>

#include "../health/health_region.h"
#include "../store/event_table.h"
#include "../system/stoppable_thread.h"
#include "../system/unique_fd.h"
#include "device_message.h"

namespace auditql {

struct DeviceOptions {
  /// Kinds of devices that are left out, by a part of their DEVTYPE.
  std::string disabled_types = "partition";
  bool operator==(const DeviceOptions&) const = default;
};

/// The thread that hears of devices that come and go: the one writer of hardware_events.
class DeviceSource {
 public:
  DeviceSource(DeviceOptions options, EventTable& table, HealthRegion& health);
  ~DeviceSource() { stop(); }

  /// Listens to udevd where one runs, for it adds what the hardware database knows; else to the
  /// kernel.
  Status start();
  void stop();

 private:
  void run();
  /// False when the socket has nothing more.
  bool read_message();
  bool is_wanted(const DeviceMessage& message) const;
  void store(const DeviceMessage& message);

  const DeviceOptions options_;
  EventTable& table_;
  UniqueFd socket_;
  bool from_udevd_ = false;
  Row row_;
  Counter seen_, filtered_, foreign_, malformed_, enobufs_, errors_;
  StoppableThread thread_;
};

}  // namespace auditql
