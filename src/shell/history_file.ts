import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";

/** Entries that are kept; the file is cut back to them once it holds twice as many. */
const maxEntries = 2000;
/** A longer entry is not kept. */
const maxCharacters = 16 * 1024;
/** Stands for the ends of an entry's lines, as in psql's history: an entry is a line of the file. */
const lineEnd = "\x01";

/** What was typed, over sessions, in a file that only its user can read. */
export interface HistoryFile {
  /** Newest first, as readline takes them. */
  readonly entries: string[];
  append(entry: string): void;
}

/** Opens the history; `onProblem` is told once when it cannot be kept. */
export function openHistoryFile(path: string, onProblem: (text: string) => void): HistoryFile {
  let isBroken = false;
  const attempt = (act: () => void) => {
    if (isBroken) return;
    try {
      act();
    } catch (error) {
      isBroken = true;
      onProblem(`Cannot save the history in ${path}: ${String(error)}`);
    }
  };
  let lines: string[] = [];
  attempt(() => {
    lines = readLines(path);
  });
  const entries = lines.map((line) => line.replaceAll(lineEnd, "\n"));
  return {
    entries: entries.slice(-maxEntries).reverse(),
    append(entry) {
      if (entry.length > maxCharacters) return;
      const line = entry.replaceAll(lineEnd, "").replaceAll("\n", lineEnd);
      attempt(() => appendFileSync(path, `${line}\n`, { mode: 0o600 }));
    },
  };
}

function readLines(path: string): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  // Queries name users, hosts and files under investigation.
  if ((status.mode & 0o077) !== 0) chmodSync(path, 0o600);
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  if (lines.length > 2 * maxEntries) {
    writeFileSync(path, `${lines.slice(-maxEntries).join("\n")}\n`, { mode: 0o600 });
  }
  return lines;
}
