import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { colourTyping } from "./coloured_line.js";
import { complete, type Vocabulary } from "./completion.js";
import type { HistoryFile } from "./history_file.js";
import type { Paint } from "./paint.js";
import type { ShellSession } from "./shell_session.js";
import type { TerminalLease } from "./terminal_lease.js";

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly history: HistoryFile | null;
  readonly paint: Paint;
  readonly lease: TerminalLease;
}

const firstPrompt = "auditql> ";
const furtherPrompt = "    ...> ";

/** Reads lines from a terminal until `.exit` or Ctrl-D; Ctrl-C cancels the query, not the shell. */
export async function runInteractively(session: ShellSession, terminal: Terminal): Promise<void> {
  const { input, output, history, lease } = terminal;
  const vocabulary = await learnWords(session);
  const lines = createInterface({
    input,
    output,
    terminal: true,
    history: history?.lines ?? [],
    historySize: 2000,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, session.pending, vocabulary()),
  });
  lease.attach(lines, input);
  let isRunning = false;
  colourTyping({
    lines,
    input,
    output,
    highlight: (line) => highlightLine(line, session, terminal.paint),
    isTyping: () => !isRunning,
  });
  const prompt = () => {
    lines.setPrompt(session.pending === "" ? firstPrompt : furtherPrompt);
    lines.prompt();
  };
  lines.on("SIGINT", () => {
    session.interrupt();
    if (isRunning) return;
    dropLine(lines);
    output.write("^C\n");
    prompt();
  });
  prompt();
  for await (const line of lines) {
    if (line.trim() !== "") history?.append(line);
    isRunning = true;
    await session.takeLine(line);
    isRunning = false;
    if (session.exitStatus !== null) break;
    prompt();
  }
  lines.close();
  if (session.exitStatus === null) output.write("\n");
}

/** Tables are known at once; functions once a query has told them. */
async function learnWords(session: ShellSession): Promise<() => Vocabulary> {
  let words: Vocabulary = { tables: await session.tables(), functions: [] };
  void session.functions().then(
    (functions) => {
      words = { ...words, functions };
    },
    () => {}, // Completion goes without them; a query that fails will say why.
  );
  return () => words;
}

/** Readline keeps what was typed on Ctrl-C: drop it, as every shell does. */
function dropLine(lines: Interface): void {
  lines.write(null, { ctrl: true, name: "e" });
  lines.write(null, { ctrl: true, name: "u" });
}

function highlightLine(line: string, session: ShellSession, paint: Paint): string {
  const command = session.pending === "" ? /^\s*\.\w*/.exec(line)?.[0] : undefined;
  if (command !== undefined) {
    return paint("command", command) + session.highlight(line.slice(command.length));
  }
  return session.highlight(session.pending + line, session.pending.length);
}

/** Reads lines that are not typed, and runs them all; the last statement needs no semicolon. */
export async function runLines(session: ShellSession, input: Readable): Promise<void> {
  const lines = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    await session.takeLine(line);
    if (session.exitStatus !== null) break;
  }
  lines.close();
  await session.takeEnd();
}
