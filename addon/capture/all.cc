#include "all.h"

namespace auditql {
namespace {

constexpr BackendSpec kBackends[] = {
    {"audit", "kernel audit netlink: processes and sockets, failed calls and user records too",
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<AuditBackend>(options.audit, health);
     }},
    {"proc-connector", "netlink process connector: fork, exec and exit only",
     [](const CaptureOptions& options, HealthRegion& health) -> std::unique_ptr<Backend> {
       return std::make_unique<ProcConnectorBackend>(options.proc_connector, health);
     }},
};

}  // namespace

std::span<const BackendSpec> backends() { return kBackends; }

}  // namespace auditql
