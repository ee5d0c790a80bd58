import type { StateTable } from "../define_table.js";
import { dockerContainerProcesses } from "./docker_container_processes.js";
import { dockerContainerStats } from "./docker_container_stats.js";
import {
  dockerContainerEnvs,
  dockerContainerFsChanges,
  dockerContainerLabels,
  dockerContainerMounts,
  dockerContainerNetworks,
  dockerContainerPorts,
  dockerContainers,
} from "./docker_containers.js";
import {
  dockerImageHistory,
  dockerImageLabels,
  dockerImageLayers,
  dockerImages,
} from "./docker_images.js";
import { dockerInfo, dockerVersion } from "./docker_info.js";
import { dockerNetworkLabels, dockerNetworks } from "./docker_networks.js";
import { dockerVolumeLabels, dockerVolumes } from "./docker_volumes.js";
import {
  lxdCertificates,
  lxdCluster,
  lxdClusterMembers,
  lxdImages,
  lxdInstanceConfig,
  lxdInstanceDevices,
  lxdInstances,
  lxdNetworks,
  lxdStoragePools,
} from "./lxd.js";

/** Tables that Docker, Podman and LXD answer. */
export const containerTables: readonly StateTable[] = [
  dockerContainerEnvs,
  dockerContainerFsChanges,
  dockerContainerLabels,
  dockerContainerMounts,
  dockerContainerNetworks,
  dockerContainerPorts,
  dockerContainerProcesses,
  dockerContainerStats,
  dockerContainers,
  dockerImageHistory,
  dockerImageLabels,
  dockerImageLayers,
  dockerImages,
  dockerInfo,
  dockerNetworkLabels,
  dockerNetworks,
  dockerVersion,
  dockerVolumeLabels,
  dockerVolumes,
  lxdCertificates,
  lxdCluster,
  lxdClusterMembers,
  lxdImages,
  lxdInstanceConfig,
  lxdInstanceDevices,
  lxdInstances,
  lxdNetworks,
  lxdStoragePools,
];
