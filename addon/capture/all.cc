#include "all.h"

namespace auditql {
namespace {

constexpr BackendSpec kBackends[] = {
    {"audit", "kernel audit netlink: processes and sockets, failed calls and user records too",
     true,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<AuditBackend>(options.audit, health);
     }},
    {"proc-connector", "netlink process connector: fork, exec and exit only", true,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<ProcConnectorBackend>(options.proc_connector, health);
     }},
    {"ebpf", "eBPF programs: processes and sockets with outcome and end, next to any audit daemon",
     false,
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<EbpfBackend>(options.ebpf, health);
     }},
};

}  // namespace

std::span<const BackendSpec> backends() { return kBackends; }

}  // namespace auditql
