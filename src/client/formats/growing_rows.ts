import { displayText } from "../display_text.js";
import { readCells } from "../row_cells.js";
import { displayWidth, wrapText } from "../text_width.js";
import type { FormatOptions, ResultWriter } from "./define_format.js";

/** A column does not grow beyond this; a longer value pushes those after it aside. */
const maxColumn = 40;
const gap = "  ";

/**
 * Shows each row at once, in columns that grow with their values: for rows that have no end. A row
 * is one line; what does not fit a terminal's is cut, and marked.
 */
export function growingWriter(options: FormatOptions): ResultWriter {
  const { isHeaderShown, nullText, maxWidth, paint } = options;
  const widths: number[] = [];
  let isHeaderDue = isHeaderShown;

  const draw = (texts: readonly string[]) => {
    const cells = texts.map((text, at) => {
      const isLast = at === texts.length - 1;
      return isLast ? text : text + " ".repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(text)));
    });
    const line = cells.join(gap).trimEnd();
    if (maxWidth === null || displayWidth(line) <= maxWidth) return line;
    return `${wrapText(line, maxWidth - 1)[0] ?? ""}…`;
  };
  const grow = (texts: readonly string[]) => {
    for (const [at, text] of texts.entries()) {
      widths[at] = Math.max(widths[at] ?? 0, Math.min(displayWidth(text), maxColumn));
    }
  };

  return {
    row(line) {
      const cells = readCells(line);
      const texts = cells.map((cell) => displayText(cell.text ?? nullText));
      const names = cells.map((cell) => displayText(cell.name));
      if (isHeaderDue) grow(names);
      grow(texts);
      const header = isHeaderDue ? `${paint("header", draw(names))}\n` : "";
      isHeaderDue = false;
      return `${header}${draw(texts)}\n`;
    },
    end: () => "",
  };
}
