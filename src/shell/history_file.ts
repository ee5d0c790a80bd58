import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";

/** Lines that are kept; the file is cut back to them once it holds twice as many. */
const maxLines = 2000;

/** The lines that were typed, over sessions, in a file that only its user can read. */
export interface HistoryFile {
  /** Newest first, as readline takes them. */
  readonly lines: string[];
  append(line: string): void;
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
      onProblem(`The history is not kept: ${path}: ${String(error)}`);
    }
  };
  let lines: string[] = [];
  attempt(() => {
    lines = readLines(path);
  });
  return {
    lines: lines.slice(-maxLines).reverse(),
    append: (line) => attempt(() => appendFileSync(path, `${line}\n`, { mode: 0o600 })),
  };
}

function readLines(path: string): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  // Queries name users, hosts and files under investigation.
  if ((status.mode & 0o077) !== 0) chmodSync(path, 0o600);
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  if (lines.length > 2 * maxLines) {
    writeFileSync(path, `${lines.slice(-maxLines).join("\n")}\n`, { mode: 0o600 });
  }
  return lines;
}
