import { configCheckCommand } from "./config_check.js";
import type { Command } from "./define_command.js";
import { queryCommand } from "./query.js";
import { shellCommand } from "./shell.js";

/** Every subcommand, in the order of the overview. */
export const allCommands: readonly Command[] = [queryCommand, shellCommand, configCheckCommand];
