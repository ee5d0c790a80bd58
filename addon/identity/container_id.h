#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// Id of the innermost container that the lines of /proc/PID/cgroup (cgroups(7), v1 and v2) name;
/// empty for processes of the host. Docker, containerd, CRI-O, podman, Kubernetes and ECS give 64
/// hex digits; systemd-nspawn and LXC the name of the machine. A container's monitor (conmon,
/// lxc.monitor) is a process of the host.
std::string container_id(std::string_view cgroup);

}  // namespace auditql
