import type { Interface } from "node:readline";

/** What the line editor shows. */
export interface EditedLine {
  readonly line: string;
  /** Index into the line. */
  readonly cursor: number;
}

/**
 * Puts a text, which may have several lines, in the place of what is typed. Readline has no method
 * for it: write() would take a line break for the Enter key. It reads both properties again with
 * each key, and prompt() draws them.
 */
export function replaceLine(lines: Interface, { line, cursor }: EditedLine): void {
  Object.assign(lines, { line, cursor });
  lines.prompt(true);
}

/** Puts a text at the cursor. */
export function insertText(lines: Interface, text: string): void {
  const { line, cursor } = lines;
  replaceLine(lines, {
    line: line.slice(0, cursor) + text + line.slice(cursor),
    cursor: cursor + text.length,
  });
}
