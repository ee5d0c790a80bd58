import { homedir } from "node:os";
import { join } from "node:path";
import { createDaemonSource } from "../client/daemon_source.js";
import { noPaint, terminalPaint, wantsColour } from "../client/paint.js";
import type { QuerySource } from "../client/query_source.js";
import { createTextSink } from "../client/text_sink.js";
import { openHistoryFile } from "../shell/history_file.js";
import { runInteractively, runLines, type Terminal } from "../shell/interactive.js";
import { runMetaCommand } from "../shell/meta_commands/all.js";
import { pagerCommand, startPager } from "../shell/pager.js";
import { RawMode } from "../shell/raw_mode.js";
import type { Screen } from "../shell/shell_output.js";
import { ShellSession } from "../shell/shell_session.js";
import { findDaemon } from "./daemon_options.js";
import { type CommandIo, defineCommand, type OptionValues } from "./define_command.js";
import { askedLimits, chosenFormat, outputOptions } from "./output_options.js";
import { readScript, scriptOptions } from "./shell_script.js";
import { sourceOptions, withSource } from "./with_source.js";

const { "max-rows": _, ...shellOutputOptions } = outputOptions;

const shellOptions = {
  ...shellOutputOptions,
  bail: { type: "boolean", description: "Exit at the first error." },
  ...scriptOptions,
  ...sourceOptions,
} as const;

type ShellValues = OptionValues<typeof shellOptions>;

export const shellCommand = defineCommand({
  name: "shell",
  summary: "query interactively",
  operands: "[SQL|.COMMAND]...",
  description: [
    "Reads statements that end with ';', sends them to the running daemon and prints the rows. Lines that start with a dot are shell commands; '.help' lists them. Ctrl-C cancels the running query without ending the shell; Ctrl-D exits. The Tab key completes tables, columns, keywords and functions. Results longer than the window are shown in $PAGER. Default: less.",
    "With arguments, or an option with SQL or a file, the shell runs these statements and exits. When standard input is not a terminal, the shell runs all of it; the last statement needs no ';'. The exit status is 1 if a statement failed.",
    "The history is saved in ~/.auditql_history, readable only by its owner. $AUDITQL_HISTORY sets another file; when empty, no history is saved.",
  ],
  options: shellOptions,
  errors: [
    "sql_error",
    "request_invalid",
    "daemon_unreachable",
    "answer_cut_off",
    "daemon_permission",
  ],
  examples: [
    { command: "auditql shell", effect: "Start an interactive session." },
    {
      command: "auditql shell --format line < questions.sql",
      effect: "Run the statements of a file.",
    },
    {
      command: `auditql shell --json "select pid, path from processes where on_disk = 0"`,
      effect: "Run one statement, as with osqueryi.",
    },
    {
      command: "auditql shell --line '.schema users' -A os_version",
      effect: "Run two shell commands.",
    },
  ],
  run({ options, operands, io }) {
    const script = readScript(options, operands);
    const isTyped = script.length === 0 && io.stdin.isTTY === true;
    const place = options.connect === undefined ? options : connectTo(options, options.connect);
    return withSource(place, io.env, (source) =>
      runShell({ source, options, io, script, isTyped }),
    );
  },
});

interface ShellRun {
  readonly source: QuerySource;
  readonly options: ShellValues;
  readonly io: CommandIo;
  /** What to run before all else; empty: what standard input has. */
  readonly script: readonly string[];
  /** Somebody types it. */
  readonly isTyped: boolean;
}

async function runShell(run: ShellRun): Promise<number> {
  const { options, io, script, isTyped } = run;
  const rawMode = new RawMode();
  const screen = screenOf(run, rawMode);
  const session = createSession(run, screen);
  // Tells at once, and not after the first statement, that there is no daemon.
  await session.tables();
  if (options.output !== undefined) await session.output.redirect(options.output, false);
  if (isTyped) await typed(session, io, { rawMode, paint: screen.paint });
  else if (script.length === 0) await runLines(session, io.stdin);
  for (const text of script) await session.takeText(text);
  await session.output.restore();
  if (session.exitStatus !== null) return session.exitStatus;
  return session.hasFailed && !isTyped ? 1 : 0;
}

function screenOf({ options, io, isTyped: isRead }: ShellRun, rawMode: RawMode): Screen {
  const { stdout, env } = io;
  const isTerminal = stdout.isTTY === true;
  const isTyped = isTerminal && isRead;
  const pager = isTyped ? pagerCommand(env) : null;
  return {
    isTerminal,
    width: () => (isTerminal ? (stdout.columns ?? null) : null),
    height: () => (isTerminal ? (stdout.rows ?? null) : null),
    paint: isTerminal && !options["no-color"] && wantsColour(env) ? terminalPaint : noPaint,
    openPager:
      pager === null ? null : (onInterrupt) => startPager(pager, env, rawMode.suspend(onInterrupt)),
    showProgress: isTyped ? (text) => void stdout.write(text) : null,
  };
}

function createSession({ source, options, io }: ShellRun, screen: Screen): ShellSession {
  return new ShellSession({
    runMetaCommand,
    source,
    openSource: (where) => createDaemonSource(findDaemon(connectTo(options, where), io.env)),
    output: createTextSink(io.stdout),
    errors: createTextSink(io.stderr),
    screen,
    settings: {
      format: chosenFormat({ ...options, "max-rows": undefined }),
      isHeaderShown: !options["no-header"] && options.header !== "false",
      separator: options.separator ?? null,
      nullText: options.nullvalue ?? "",
      columnWidths: [],
      isTimerOn: false,
      isEchoOn: false,
      isBailOn: options.bail,
      isPagerOn: true,
      timeoutMs: askedLimits({ ...options, "max-rows": undefined }).timeoutMs ?? null,
    },
    version: io.version,
  });
}

/** The options with the daemon of this socket or URL in the place of theirs. */
function connectTo(options: ShellValues, where: string): ShellValues {
  const isUrl = /^https?:/i.test(where);
  return { ...options, socket: isUrl ? undefined : where, url: isUrl ? where : undefined };
}

async function typed(
  session: ShellSession,
  io: CommandIo,
  terminal: Pick<Terminal, "rawMode" | "paint">,
): Promise<void> {
  const path = io.env["AUDITQL_HISTORY"] ?? join(homedir(), ".auditql_history");
  const history =
    path === "" ? null : openHistoryFile(path, (text) => void io.stderr.write(`${text}\n`));
  await session.print(
    `auditql ${session.version}, connected to ${session.address}. Type .help for help.\n`,
  );
  const canMarkPastes = io.env["TERM"] !== "dumb";
  const { stdin: input, stdout: output } = io;
  await runInteractively(session, { input, output, history, canMarkPastes, ...terminal });
}
