import { defineTable } from "../define_table.js";
import { flagAt, integerAt, textAt } from "../sources/json_file.js";
import { dockerGet } from "./docker_api.js";

export const dockerInfo = defineTable("docker_info", {
  *generate(_request, host) {
    const info = dockerGet(host, "/info");
    if (info === null) return;
    yield {
      id: textAt(info, "ID"),
      containers: integerAt(info, "Containers"),
      containers_running: integerAt(info, "ContainersRunning"),
      containers_paused: integerAt(info, "ContainersPaused"),
      containers_stopped: integerAt(info, "ContainersStopped"),
      images: integerAt(info, "Images"),
      storage_driver: textAt(info, "Driver"),
      memory_limit: flagAt(info, "MemoryLimit"),
      swap_limit: flagAt(info, "SwapLimit"),
      kernel_memory: flagAt(info, "KernelMemory"),
      cpu_cfs_period: flagAt(info, "CpuCfsPeriod"),
      cpu_cfs_quota: flagAt(info, "CpuCfsQuota"),
      cpu_shares: flagAt(info, "CPUShares"),
      cpu_set: flagAt(info, "CPUSet"),
      ipv4_forwarding: flagAt(info, "IPv4Forwarding"),
      bridge_nf_iptables: flagAt(info, "BridgeNfIptables"),
      bridge_nf_ip6tables: flagAt(info, "BridgeNfIp6tables"),
      oom_kill_disable: flagAt(info, "OomKillDisable"),
      logging_driver: textAt(info, "LoggingDriver"),
      cgroup_driver: textAt(info, "CgroupDriver"),
      kernel_version: textAt(info, "KernelVersion"),
      os: textAt(info, "OperatingSystem"),
      os_type: textAt(info, "OSType"),
      architecture: textAt(info, "Architecture"),
      cpus: integerAt(info, "NCPU"),
      memory: integerAt(info, "MemTotal"),
      http_proxy: textAt(info, "HttpProxy"),
      https_proxy: textAt(info, "HttpsProxy"),
      no_proxy: textAt(info, "NoProxy"),
      name: textAt(info, "Name"),
      server_version: textAt(info, "ServerVersion"),
      root_dir: textAt(info, "DockerRootDir"),
    };
  },
});

export const dockerVersion = defineTable("docker_version", {
  *generate(_request, host) {
    const version = dockerGet(host, "/version");
    if (version === null) return;
    yield {
      version: textAt(version, "Version"),
      api_version: textAt(version, "ApiVersion"),
      min_api_version: textAt(version, "MinAPIVersion"),
      git_commit: textAt(version, "GitCommit"),
      go_version: textAt(version, "GoVersion"),
      os: textAt(version, "Os"),
      arch: textAt(version, "Arch"),
      kernel_version: textAt(version, "KernelVersion"),
      build_time: textAt(version, "BuildTime"),
    };
  },
});
