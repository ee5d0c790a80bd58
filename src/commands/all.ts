import { configCheckCommand } from "./config_check.js";
import { configImportCommand } from "./config_import.js";
import { daemonCommand } from "./daemon.js";
import { decodeCommand } from "./decode.js";
import type { Command } from "./define_command.js";
import { doctorCommand } from "./doctor.js";
import { exportCommand } from "./export.js";
import { queryCommand } from "./query.js";
import { replayCommand } from "./replay.js";
import { rulesCompileCommand } from "./rules_compile.js";
import { rulesListCommand } from "./rules_list.js";
import { rulesLoadCommand } from "./rules_load.js";
import { shellCommand } from "./shell.js";
import { topCommand } from "./top.js";

/** Every subcommand, in the order of the overview. */
export const allCommands: readonly Command[] = [
  daemonCommand,
  queryCommand,
  shellCommand,
  replayCommand,
  topCommand,
  decodeCommand,
  exportCommand,
  rulesCompileCommand,
  rulesListCommand,
  rulesLoadCommand,
  doctorCommand,
  configCheckCommand,
  configImportCommand,
];
