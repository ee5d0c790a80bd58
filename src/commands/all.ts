import type { Command } from "./define_command.js";
import { queryCommand } from "./query.js";

/** Every subcommand, in the order of the overview. */
export const allCommands: readonly Command[] = [queryCommand];
