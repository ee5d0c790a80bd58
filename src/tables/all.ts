import { crontab } from "./crontab.js";
import type { StateTable } from "./define_table.js";
import { etcHosts } from "./etc_hosts.js";
import { file } from "./file.js";
import { groups } from "./groups.js";
import { hash } from "./hash.js";
import { kernelInfo } from "./kernel_info.js";
import { kernelModules } from "./kernel_modules.js";
import { listeningPorts } from "./listening_ports.js";
import { loadAverage } from "./load_average.js";
import { mounts } from "./mounts.js";
import { osVersion } from "./os_version.js";
import { osqueryInfo } from "./osquery_info.js";
import { processEnvs } from "./process_envs.js";
import { processMemoryMap } from "./process_memory_map.js";
import { processNamespaces } from "./process_namespaces.js";
import { processOpenFiles } from "./process_open_files.js";
import { processOpenSockets } from "./process_open_sockets.js";
import { processes } from "./processes.js";
import { time } from "./time.js";
import { uptime } from "./uptime.js";
import { users } from "./users.js";

/** Every state table. */
export const stateTables: readonly StateTable[] = [
  crontab,
  etcHosts,
  file,
  groups,
  hash,
  kernelInfo,
  kernelModules,
  listeningPorts,
  loadAverage,
  mounts,
  osVersion,
  osqueryInfo,
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
  processOpenSockets,
  processes,
  time,
  uptime,
  users,
];
