#include "all.h"

#include "host_probe.h"

namespace auditql {
namespace {

constexpr BackendSpec kBackends[] = {
    {"ebpf", FrameKind::kernel_event,
     "eBPF programs: processes and sockets with outcome and end, next to any audit daemon", true,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<EbpfBackend>(options.ebpf, health);
     }},
    {"audit", FrameKind::audit_record,
     "kernel audit netlink: processes and sockets, failed calls and user records too", true,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<AuditBackend>(options.audit, health);
     }},
    {"proc-connector", FrameKind::proc_event, "netlink process connector: fork, exec and exit only",
     true,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<ProcConnectorBackend>(options.proc_connector, health);
     }},
};

}  // namespace

std::span<const BackendSpec> backends() { return kBackends; }

HostCheck probe_backends() {
  const auto health = HealthRegion::in_memory();
  CaptureOptions options;
  options.audit.choice = AuditChoice::automatic;
  std::string refused;
  for (const BackendSpec& each : kBackends) {
    if (!each.is_automatic) continue;
    const Availability found = each.make(options, *health)->probe();
    const std::string name(each.name);
    if (!found.available) {
      refused += (refused.empty() ? "" : "; ") + name + " cannot run: " + found.reason;
      continue;
    }
    const std::string detail = "auto selects " + name + (refused.empty() ? "" : "; ") + refused;
    if (each.frames != FrameKind::proc_event) return {"backend", true, detail, ""};
    return {"backend", false, detail + "; sockets are not captured",
            "follow the remedies of the other lines"};
  }
  return {"backend", false, "auto selects no backend: " + refused,
          "follow the remedies of the other lines"};
}

}  // namespace auditql
