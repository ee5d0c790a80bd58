#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// Id of the innermost container that the lines of /proc/PID/cgroup (cgroups(7), v1 and v2) name;
/// empty for processes of the host. Docker, containerd, CRI-O, podman, Kubernetes and ECS give 64
/// hex digits; systemd-nspawn and LXC the name of the machine. A container's monitor (conmon,
/// lxc.monitor) is a process of the host.
std::string container_id(std::string_view cgroup);

/// What the path of a container's cgroup tells besides.
struct ContainerOrigin {
  std::string id;  ///< as container_id() has it
  /// docker, containerd, cri-o, podman, systemd-nspawn or lxc; empty where the path does not tell
  /// (cgroupfs drivers of Kubernetes name the pod only).
  std::string runtime;
  std::string pod_uid;  ///< Kubernetes: 8-4-4-4-12 hex digits, or the hash of a static pod
};
ContainerOrigin container_origin(std::string_view cgroup);

}  // namespace auditql
