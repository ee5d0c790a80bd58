#pragma once

#include <vector>

#include "../backend.h"
#include "../host_probe.h"

namespace auditql {

/// What the backend ebpf needs of the host, as lines of `auditql doctor`: `ebpf_kernel`,
/// `ebpf_btf`, `ebpf_lockdown`, `ebpf_call`, `ebpf_libbpf`, `ebpf_tracepoints`. Changes nothing.
std::vector<HostCheck> probe_ebpf();

/// Whether the programs can be loaded, by the first of these checks that fails, of the namespaces
/// and of the capabilities. What only makes parts of the programs missing does not count.
Availability ebpf_availability();

}  // namespace auditql
