#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "../../capture/all.h"
#include "../../capture/frame_queue.h"
#include "../../health/health_region.h"

namespace auditql {

/// Why a backend does not run.
struct Unavailable {
  std::string backend, reason, remedy;
};

/// The process connector alongside audit, for what audit does not record.
class ProcConnectorSidecar {
 public:
  static constexpr std::string_view kName = "proc-connector";

  /// Nothing when it runs now. To be started before audit: whatever audit records, the connector
  /// has reported before.
  /// `on_messages`: called by a thread of its own when there is something to read().
  std::optional<Unavailable> start(const CaptureOptions& options, HealthRegion& health,
                                   std::function<void()> on_messages);
  /// Decoding thread: hands on everything that the connector has reported by now. A message may ask
  /// for it again.
  void read(const std::function<void(std::string_view)>& on_message);
  /// Updates the gauge of what waits.
  void sample() const;

 private:
  std::unique_ptr<FrameQueue> queue_;
  std::unique_ptr<ProcConnectorBackend> backend_;
  Counter depth_;
  bool is_reading_ = false;
};

}  // namespace auditql
