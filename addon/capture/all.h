#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "../health/health_region.h"
#include "audit_backend.h"
#include "backend.h"
#include "ebpf/ebpf_backend.h"
#include "proc_connector_backend.h"

namespace auditql {

/// What each backend needs, from the config.
struct CaptureOptions {
  AuditBackendOptions audit{};
  ProcConnectorOptions proc_connector{};
  EbpfBackendOptions ebpf{};
};

/// One capture backend by name.
struct BackendSpec {
  std::string_view name;
  FrameKind frames;  ///< what it pushes
  std::string_view summary;
  bool is_automatic;  ///< whether `auto` tries it
  std::unique_ptr<Backend> (*make)(const CaptureOptions& options, HealthRegion& health);
};

/// Every live backend, in the order in which `auto` tries them. A new one is a line in all.cc.
std::span<const BackendSpec> backends();

}  // namespace auditql
