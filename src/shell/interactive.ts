import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { complete } from "./completion.js";
import type { HistoryFile } from "./history_file.js";
import type { ShellSession } from "./shell_session.js";

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly history: HistoryFile | null;
}

const firstPrompt = "auditql> ";
const furtherPrompt = "    ...> ";

/** Reads lines from a terminal until `.exit` or Ctrl-D; Ctrl-C cancels the query, not the shell. */
export async function runInteractively(session: ShellSession, terminal: Terminal): Promise<void> {
  const { input, output, history } = terminal;
  const tables = await session.tables();
  const lines = createInterface({
    input,
    output,
    terminal: true,
    history: history?.lines ?? [],
    historySize: 2000,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, session.pending, tables),
  });
  const prompt = () => {
    lines.setPrompt(session.pending === "" ? firstPrompt : furtherPrompt);
    lines.prompt();
  };
  let isRunning = false;
  lines.on("SIGINT", () => {
    session.interrupt();
    if (isRunning) return;
    // Readline keeps what was typed: drop it, as every shell does.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
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
