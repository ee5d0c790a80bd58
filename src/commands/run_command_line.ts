import { displayLines } from "../client/display_text.js";
import { OutputClosed } from "../client/text_sink.js";
import { errorCodes } from "../error_codes/all.js";
import { AuditqlError } from "../errors.js";
import { didYouMean } from "../util/closest_name.js";
import type { Command, CommandIo } from "./define_command.js";
import { errorCodeOf, exitStatusOf } from "./error_exit.js";
import { manualPage, overviewPage } from "./manual_page.js";
import { watchOutput } from "./output_failure.js";
import { parseCommandLine } from "./parse_command_line.js";

/** Status of a shell's child that SIGPIPE ended: what `| head` leaves of most programs. */
const outputClosedStatus = 141;

/** Runs the subcommand that the arguments name; answers with the exit status. */
export async function runCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  io: CommandIo,
): Promise<number> {
  const checkOutput = watchOutput(io.stdout);
  try {
    const status = await dispatch(args, commands, io);
    await checkOutput();
    return status;
  } catch (error) {
    const cause = await checkOutput().then(
      () => error,
      (failure: unknown) => failure,
    );
    if (cause instanceof OutputClosed) return outputClosedStatus;
    return reportError(cause, io);
  }
}

/** Writes an error to stderr as `auditql: CODE: message`; answers with its exit status. */
function reportError(error: unknown, io: CommandIo): number {
  const code = errorCodeOf(error);
  const text =
    error instanceof Error
      ? code === null
        ? (error.stack ?? error.message)
        : displayLines(error.message)
      : String(error);
  io.stderr.write(`auditql: ${code ?? "internal"}: ${text}\n`);
  return exitStatusOf(error);
}

/** `-v` is osqueryi's and npm's, `-V` auditctl's, `version` git's. */
const versionWords = ["--version", "-V", "-v", "version"];

async function dispatch(
  args: readonly string[],
  commands: readonly Command[],
  io: CommandIo,
): Promise<number> {
  const [first] = args;
  if (first !== undefined && versionWords.includes(first))
    return print(io, `auditql ${io.version}\n`);
  if (first === "--help" || first === "-h") return print(io, overviewPage(commands));
  if (first === "help") return printHelp(args.slice(1), commands, io);
  if (first === undefined) {
    io.stderr.write(overviewPage(commands));
    return errorCodes.usage.exitCode;
  }
  const command = findCommand(args, commands);
  const rest = args.slice(command.name.split(" ").length);
  if (asksForHelp(rest)) return print(io, manualPage(command));
  if (command.hasOwnOptions) return command.run({ options: {}, operands: rest, io });
  const { values, operands } = parseCommandLine(rest, command.options, command.operands !== "");
  return command.run({ options: values, operands, io } as Parameters<Command["run"]>[0]);
}

function printHelp(words: readonly string[], commands: readonly Command[], io: CommandIo): number {
  return print(
    io,
    words.length === 0 ? overviewPage(commands) : manualPage(findCommand(words, commands)),
  );
}

/** The command with the longest name that the arguments start with. */
function findCommand(args: readonly string[], commands: readonly Command[]): Command {
  const matches = commands.filter((command) =>
    command.name.split(" ").every((word, at) => args[at] === word),
  );
  const [longest] = matches.sort((a, b) => b.name.length - a.name.length);
  if (longest !== undefined) return longest;
  const names = commands.map((command) => command.name);
  const group = names.filter((name) => name.startsWith(`${args[0]} `));
  const typed = group.length > 0 ? args.slice(0, 2).join(" ") : (args[0] ?? "");
  const hint = group.length > 0 ? ` Commands: ${group.join(", ")}.` : didYouMean(typed, names);
  throw new AuditqlError("usage", `Unknown command ${JSON.stringify(typed)}.${hint}`);
}

/** Only before `--`: after it, everything is an operand. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

function print(io: CommandIo, text: string): number {
  io.stdout.write(text);
  return 0;
}
