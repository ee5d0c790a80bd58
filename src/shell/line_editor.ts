import { createInterface, type Interface, type ReadLineOptions } from "node:readline";
import type { Writable } from "node:stream";

export interface LineEditorOptions extends ReadLineOptions {
  readonly output: Writable;
  /** False while something else has the terminal. */
  readonly isTyping: () => boolean;
}

/**
 * Readline, which draws its prompt anew when the window is resized, only while somebody types at
 * it: a pager, or rows that come, would be painted over.
 */
export function openLineEditor({ isTyping, ...options }: LineEditorOptions): Interface {
  const { output } = options;
  const before = new Set(resizeListeners(output));
  const lines = createInterface(options);
  leaveLinesUnmarked(lines);
  for (const listener of resizeListeners(output).filter((each) => !before.has(each))) {
    const redraw = () => {
      if (isTyping()) listener.call(output);
    };
    output.off("resize", listener);
    output.on("resize", redraw);
    lines.once("close", () => output.off("resize", redraw));
  }
  return lines;
}

/** From Node 24 on, readline draws `| ` before each further line of what is edited, once it has set the
 * line itself, goes up and down in it in place of the history, and drops entries of the history for
 * it. It has no option for that: the same text would stand, and be edited, in two ways. */
function leaveLinesUnmarked(lines: Interface): void {
  const mark = Object.getOwnPropertySymbols(lines).find(
    ({ description }) => description === "_isMultiline",
  );
  if (mark !== undefined) Object.defineProperty(lines, mark, { get: () => false, set: () => {} });
}

/** An emitter's listeners are functions of what it emits: nothing, when a window is resized. */
function resizeListeners(output: Writable): readonly (() => void)[] {
  return output.listeners("resize") as (() => void)[];
}
