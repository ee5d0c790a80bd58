import type { StateTable } from "../define_table.js";
import { extendedAttributes } from "./extended_attributes.js";
import { file } from "./file.js";
import { hash } from "./hash.js";
import { magic } from "./magic.js";
import { mounts } from "./mounts.js";
import { suidBin } from "./suid_bin.js";
import { yaraFile, yaraProcess } from "./yara.js";

/** Every table of files. */
export const fileTables: readonly StateTable[] = [
  extendedAttributes,
  file,
  hash,
  magic,
  mounts,
  suidBin,
  yaraFile,
  yaraProcess,
];
