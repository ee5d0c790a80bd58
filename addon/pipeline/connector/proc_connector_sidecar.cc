#include "proc_connector_sidecar.h"

namespace auditql {

namespace {

/// About 100,000 forks and exits.
constexpr size_t kConnectorQueueBytes = size_t{8} << 20;
constexpr int kGatherMs = 50;

}  // namespace

std::optional<Unavailable> ProcConnectorSidecar::start(const CaptureOptions& options,
                                                       HealthRegion& health,
                                                       std::function<void()> on_messages) {
  const std::string name(kName);
  ProcConnectorOptions connector = options.proc_connector;
  // The decoding thread reads what it needs itself; the other one only keeps the socket from
  // filling while that is busy.
  connector.gather_ms = kGatherMs;
  connector.on_messages = std::move(on_messages);
  auto backend = std::make_unique<ProcConnectorBackend>(connector, health);
  const Availability availability = backend->probe();
  if (!availability.available) return Unavailable{name, availability.reason, availability.remedy};
  auto queue = std::make_unique<FrameQueue>(kConnectorQueueBytes);
  const Status started = backend->start(*queue);
  if (!started) return Unavailable{name, started.error().message, "run auditql doctor"};
  queue_ = std::move(queue);
  backend_ = std::move(backend);
  depth_ = health.counter({"capture", kName, "queue_depth_bytes"});
  return std::nullopt;
}

void ProcConnectorSidecar::read(const std::function<void(std::string_view)>& on_message) {
  if (queue_ == nullptr || is_reading_) return;
  const auto drain = [&] {
    queue_->drain(SIZE_MAX, [&](const Frame& frame) { on_message(frame.bytes); });
  };
  is_reading_ = true;
  do {
    drain();
  } while (backend_->read_now());
  drain();
  is_reading_ = false;
}

void ProcConnectorSidecar::sample() const {
  if (queue_ != nullptr) depth_.set(queue_->used_bytes());
}

}  // namespace auditql
