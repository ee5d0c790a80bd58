import { AuditqlError } from "../../errors.js";
import { didYouMean } from "../../util/closest_name.js";
import type { ShellSession } from "../shell_session.js";
import { connectCommand, disconnectCommand } from "./connect.js";
import type { MetaCommand } from "./define_meta_command.js";
import { describeCommand } from "./describe.js";
import { exitCommand } from "./exit.js";
import { explainCommand } from "./explain.js";
import { exportMetaCommand } from "./export.js";
import { featuresCommand } from "./features.js";
import { helpOn } from "./help.js";
import { modeCommand } from "./mode.js";
import { allCommand, printCommand, versionCommand } from "./one_liners.js";
import { onceCommand, outputCommand } from "./output.js";
import { packCommand } from "./pack.js";
import { readCommand } from "./read.js";
import { schemaCommand } from "./schema.js";
import { nullvalueCommand, separatorCommand, timeoutCommand, widthCommand } from "./settings.js";
import { showCommand } from "./show.js";
import { bailSwitch, echoSwitch, headersSwitch, pagerSwitch, timerSwitch } from "./switches.js";
import { tablesCommand } from "./tables.js";
import { tailCommand } from "./tail.js";
import { typesCommand } from "./types.js";
import { watchCommand } from "./watch.js";

/** Every meta command, in the order of `.help`. */
export const allMetaCommands: readonly MetaCommand[] = [
  allCommand,
  bailSwitch,
  connectCommand,
  describeCommand,
  disconnectCommand,
  echoSwitch,
  exitCommand,
  explainCommand,
  exportMetaCommand,
  featuresCommand,
  headersSwitch,
  helpOn(() => allMetaCommands, findMetaCommand),
  modeCommand,
  nullvalueCommand,
  onceCommand,
  outputCommand,
  packCommand,
  pagerSwitch,
  printCommand,
  readCommand,
  schemaCommand,
  separatorCommand,
  showCommand,
  tablesCommand,
  tailCommand,
  timeoutCommand,
  timerSwitch,
  typesCommand,
  versionCommand,
  watchCommand,
  widthCommand,
];

/** The meta commands that a name, an alias or a beginning of one can stand for. */
export function matchingMetaCommands(name: string): readonly MetaCommand[] {
  const exact = allMetaCommands.find((command) => namesOf(command).includes(name));
  if (exact !== undefined) return [exact];
  return allMetaCommands.filter((command) =>
    namesOf(command).some((candidate) => name !== "" && candidate.startsWith(name)),
  );
}

/** The meta command of a name, an alias, or a beginning that fits one alone. */
function findMetaCommand(name: string): MetaCommand {
  const matches = matchingMetaCommands(name);
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const hint =
    matches.length > 1
      ? ` It may be ${matches.map((command) => `.${command.name}`).join(" or ")}.`
      : didYouMean(name, allMetaCommands.flatMap(namesOf));
  throw new AuditqlError("usage", `Unknown command .${name}.${hint} See .help.`);
}

/** Runs a line without its dot: a name, and what that command takes. */
export async function runMetaCommand(session: ShellSession, line: string): Promise<void> {
  const [name = "", ...args] = line.split(/\s+/);
  await findMetaCommand(name).run(session, args, line.slice(name.length).trim());
}

function namesOf(command: MetaCommand): readonly string[] {
  return [command.name, ...command.aliases];
}
