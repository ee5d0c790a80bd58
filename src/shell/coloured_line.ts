import { type Interface, moveCursor } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { displayText } from "../client/display_text.js";

export interface ColouredLine {
  readonly lines: Interface;
  readonly input: Readable;
  readonly output: Writable;
  /** The text with colours; it must keep its width. */
  readonly highlight: (line: string) => string;
  /** False while what is typed is not a line of the prompt. */
  readonly isTyping: () => boolean;
}

const saveCursor = "\x1b7";
const restoreCursor = "\x1b8";
/** Longer lines are left plain: each key would repaint all of them. */
const maxCharacters = 4000;

/**
 * Paints the line over what readline wrote, after each key: the same characters at the same places,
 * with colours. Readline has no hook of its own for that.
 */
export function colourTyping({ lines, input, output, highlight, isTyping }: ColouredLine): void {
  let isDue = false;
  let wasPainted = false;
  const paint = () => {
    isDue = false;
    const { line } = lines;
    const text = line.replaceAll("\n", "");
    const isPlain = line.length > maxCharacters || displayText(text) !== text;
    if (!isTyping() || isPlain) return;
    const coloured = highlight(line);
    // What was painted before and is plain now must lose its colours, too.
    if (coloured === line && !wasPainted) return;
    wasPainted = coloured !== line;
    const { rows, cols } = lines.getCursorPos();
    output.write(saveCursor);
    moveCursor(output, -cols, -rows);
    output.write(`${lines.getPrompt()}${coloured}${restoreCursor}`);
  };
  const schedule = () => {
    // A paste is many keys at once, and completion finishes a little later.
    if (!isDue) setImmediate(paint);
    isDue = true;
  };
  input.on("keypress", schedule);
  output.on("resize", schedule);
  lines.once("close", () => {
    input.off("keypress", schedule);
    output.off("resize", schedule);
  });
}
