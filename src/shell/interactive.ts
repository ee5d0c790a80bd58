import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Paint } from "../client/paint.js";
import { leavePastesUnmarked, markPastes, takePastes } from "./bracketed_paste.js";
import { colourTyping } from "./coloured_line.js";
import { complete, type Vocabulary } from "./completion.js";
import { insertText } from "./edited_line.js";
import { EnteredText } from "./entered_text.js";
import type { HistoryFile } from "./history_file.js";
import { routeKeys, type TakeKey } from "./key_router.js";
import { openLineEditor } from "./line_editor.js";
import type { RawMode } from "./raw_mode.js";
import { ReverseSearch } from "./reverse_search.js";
import type { ShellSession } from "./shell_session.js";
import { StatementHistory } from "./statement_history.js";

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly history: HistoryFile | null;
  readonly paint: Paint;
  readonly rawMode: RawMode;
  /** It can be asked to tell pasted text from typed. */
  readonly canMarkPastes: boolean;
}

const firstPrompt = "auditql> ";
/** With what the statement leaves open, as sqlite3 shows it. */
const furtherPrompt = (open: string | null) => `${(open ?? "").padStart(4)}...> `;

/** Reads lines from a terminal until `.exit` or Ctrl-D; Ctrl-C cancels the query, not the shell. */
export async function runInteractively(session: ShellSession, terminal: Terminal): Promise<void> {
  const vocabulary = await learnWords(session);
  const history = new StatementHistory(terminal.history);
  let isRunning = false;
  const isTyping = () => !isRunning;
  const lines = openEditor({ session, terminal, history, vocabulary, isTyping });
  const { output, canMarkPastes } = terminal;
  const entered = new EnteredText(lines);
  const prompt = () => {
    if (canMarkPastes) output.write(markPastes);
    lines.setPrompt(session.pending === "" ? firstPrompt : furtherPrompt(session.openToken));
    lines.prompt();
  };
  lines.on("SIGINT", () => {
    session.interrupt();
    if (isRunning) return;
    history.keep();
    dropLine(lines);
    output.write("^C\n");
    prompt();
  });
  prompt();
  for await (const event of lines) {
    const line = entered.take(event);
    history.take(line, session.completes(line));
    if (canMarkPastes) output.write(leavePastesUnmarked);
    isRunning = true;
    await session.takeLine(line);
    isRunning = false;
    if (session.exitStatus !== null) break;
    prompt();
  }
  history.keep();
  lines.close();
  if (canMarkPastes) output.write(leavePastesUnmarked);
  if (session.exitStatus !== null) return;
  output.write("\n");
  await session.tellOfPending();
}

interface EditorParts {
  readonly session: ShellSession;
  readonly terminal: Terminal;
  readonly history: StatementHistory;
  readonly vocabulary: () => Vocabulary;
  /** False while a line runs. */
  readonly isTyping: () => boolean;
}

/** The line editor: readline, with a search in the history, pastes and colours. */
function openEditor(parts: EditorParts): Interface {
  const { session, terminal, history, vocabulary, isTyping } = parts;
  const { output, rawMode, paint } = terminal;
  const takers: TakeKey[] = [];
  const input = routeKeys(terminal.input, takers);
  const lines = openLineEditor({
    input,
    output,
    isTyping,
    terminal: true,
    history: history.entries,
    historySize: 2000,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, session.pending, vocabulary()),
  });
  history.attach(lines);
  rawMode.attach(lines, input);
  const search = new ReverseSearch({ lines, history: () => history.entries, isTyping });
  const paste = takePastes((text) => {
    search.end();
    if (text === null) output.write("\x07");
    else insertText(lines, text);
  });
  takers.push(paste, search.take);
  const highlight = (line: string) => highlightLine(line, session, paint);
  colourTyping({ lines, input, output, highlight, isTyping });
  return lines;
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
