import type { StateTable } from "../define_table.js";
import { processEnvs } from "./process_envs.js";
import { processMemoryMap } from "./process_memory_map.js";
import { processNamespaces } from "./process_namespaces.js";
import { processOpenFiles } from "./process_open_files.js";
import { processOpenPipes } from "./process_open_pipes.js";
import { processTree } from "./process_tree.js";
import { processes } from "./processes.js";

/** Every table of running processes. */
export const processTables: readonly StateTable[] = [
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
  processOpenPipes,
  processTree,
  processes,
];
