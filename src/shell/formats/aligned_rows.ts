import { displayText, displayWidth, wrapText } from "../display_text.js";
import type { Paint, Role } from "../paint.js";
import { readCells } from "../row_cells.js";
import type { FormatOptions, ResultWriter } from "./define_format.js";

/** A value as it is shown, and what it is. */
interface ShownCell {
  readonly text: string;
  readonly role: Role | null;
}

/** A horizontal line of a frame. */
interface Rule {
  readonly start: string;
  readonly fill: string;
  readonly joint: string;
  readonly end: string;
}

/** What is drawn around aligned cells. */
export interface AlignedStyle {
  /** Before, between and after the cells of a row. */
  readonly row: { readonly start: string; readonly joint: string; readonly end: string };
  /** Above the header, below it, and below the last row; null: nothing. */
  readonly top: Rule | null;
  readonly middle: Rule | null;
  readonly bottom: Rule | null;
}

/** Widths are taken from the first rows; what comes later and is wider is wrapped, never cut. */
const maxSampleRows = 10_000;
const maxSampleCharacters = 16 * 1024 * 1024;
/** Columns are not made narrower than this to fit a terminal. */
const minWidth = 8;

/** Shows rows in columns that are as wide as their widest value and fit the terminal. */
export function alignedWriter(options: FormatOptions, style: AlignedStyle): ResultWriter {
  const { paint } = options;
  let names: readonly ShownCell[] = [];
  let sample: (readonly ShownCell[])[] = [];
  let sampleCharacters = 0;
  let widths: readonly number[] | null = null;

  function drawSample(): string {
    const header = options.isHeaderShown ? [names] : [];
    const widest = widestOf([...header, ...sample]);
    const asked = widest.map((width, at) => options.columnWidths[at] || width);
    const fitted = fitWidths(asked, options.maxWidth, style);
    const drawing = { widths: fitted, style, paint };
    const text = [
      drawRule(style.top, drawing),
      ...header.map((row) => drawRow(row, drawing) + drawRule(style.middle, drawing)),
      ...sample.map((row) => drawRow(row, drawing)),
    ].join("");
    widths = fitted;
    sample = [];
    return text;
  }

  return {
    row(line) {
      const cells = readCells(line);
      const row = cells.map(({ text }): ShownCell => {
        const shown = displayText(text ?? options.nullText);
        return { text: shown, role: text === null ? "null" : null };
      });
      if (widths !== null) return drawRow(row, { widths, style, paint });
      names = cells.map(({ name }) => ({ text: displayText(name), role: "header" }));
      sample.push(row);
      sampleCharacters += line.length;
      const isFull = sample.length >= maxSampleRows || sampleCharacters >= maxSampleCharacters;
      return isFull ? drawSample() : "";
    },
    end() {
      const text = sample.length > 0 ? drawSample() : "";
      return widths === null ? "" : text + drawRule(style.bottom, { widths, style, paint });
    },
  };
}

function widestOf(rows: readonly (readonly ShownCell[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, { text }] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? 1, displayWidth(text));
    }
  }
  return widths;
}

/** Narrows the widest columns, evenly, until a row fits. */
function fitWidths(
  widths: readonly number[],
  maxWidth: number | null,
  style: AlignedStyle,
): readonly number[] {
  if (maxWidth === null) return widths;
  const { start, joint, end } = style.row;
  const frame = start.length + end.length + joint.length * (widths.length - 1);
  const room = Math.max(maxWidth - frame, widths.length);
  const capped = (cap: number) => widths.map((width) => Math.min(width, Math.max(cap, minWidth)));
  const total = (cap: number) => capped(cap).reduce((sum, width) => sum + width, 0);
  let cap = Math.max(...widths);
  while (cap > minWidth && total(cap) > room) cap -= 1;
  return capped(cap);
}

interface Drawing {
  readonly widths: readonly number[];
  readonly style: AlignedStyle;
  readonly paint: Paint;
}

function drawRule(rule: Rule | null, { widths, paint }: Drawing): string {
  if (rule === null) return "";
  const line = widths.map((width) => rule.fill.repeat(width)).join(rule.joint);
  return `${paint("frame", `${rule.start}${line}${rule.end}`)}\n`;
}

function drawRow(row: readonly ShownCell[], { widths, style, paint }: Drawing): string {
  const cells = row.map(({ text }, at) => wrapText(text, widths[at] ?? 1));
  const height = Math.max(1, ...cells.map((pieces) => pieces.length));
  const [start, joint, end] = [style.row.start, style.row.joint, style.row.end].map((text) =>
    text.trim() === "" ? text : paint("frame", text),
  );
  let text = "";
  for (let line = 0; line < height; line += 1) {
    const padded = cells.map((pieces, at) => {
      const piece = pieces[line] ?? "";
      const role = row[at]?.role ?? null;
      const blanks = Math.max(0, (widths[at] ?? 1) - displayWidth(piece));
      return (role === null ? piece : paint(role, piece)) + " ".repeat(blanks);
    });
    text += `${`${start}${padded.join(joint)}${end}`.trimEnd()}\n`;
  }
  return text;
}
