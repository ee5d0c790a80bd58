import type { StateTable } from "../define_table.js";
import {
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
} from "./process_details.js";
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
