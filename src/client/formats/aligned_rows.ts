import { displayText } from "../display_text.js";
import type { Paint, PaintStyle } from "../paint.js";
import { type Cell, readCells } from "../row_cells.js";
import { displayWidth, wrapText } from "../text_width.js";
import type { FormatOptions, ResultWriter } from "./define_format.js";
import { lineFormat } from "./line.js";

/** A value as it is shown, and what it is. */
interface ShownCell {
  readonly text: string;
  readonly role: PaintStyle | null;
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

/**
 * Widths are taken from the first rows; what is wider is never cut: a terminal gets it wrapped, a file
 * or a pipe whole, in a row that is longer than the others.
 */
const maxSampleRows = 1000;
const maxSampleCharacters = 16 * 1024 * 1024;
/** Columns, and rows, are not padded beyond this where no terminal sets a limit: one wide value would
 * make every row as wide. */
const maxPaddedColumn = 512;
const maxPaddedRow = 8192;
/** Columns are not made narrower than this to fit a terminal. */
const minWidth = 8;

/** Shows rows in columns that are as wide as their widest value and fit the terminal. */
export function alignedWriter(options: FormatOptions, style: AlignedStyle): ResultWriter {
  let sample: string[] = [];
  let sampleCharacters = 0;
  let chosen: ResultWriter | null = null;

  /** What the gathered rows add, by the writer that suits them and all that follow. */
  function drawSample(): string {
    const { head, writer } = suitableWriter(sample, options, style);
    const text = head + sample.map((line) => writer.row(line)).join("");
    chosen = writer;
    sample = [];
    return text;
  }

  return {
    row(line) {
      if (chosen !== null) return chosen.row(line);
      sample.push(line);
      sampleCharacters += line.length;
      const isFull = sample.length >= maxSampleRows || sampleCharacters >= maxSampleCharacters;
      return isFull ? drawSample() : "";
    },
    end(columns) {
      const text = sample.length > 0 ? drawSample() : "";
      return text + (chosen?.end(columns) ?? "");
    },
  };
}

/** How rows like these are drawn, and what comes before the first. */
function suitableWriter(
  sample: readonly string[],
  options: FormatOptions,
  style: AlignedStyle,
): { readonly head: string; readonly writer: ResultWriter } {
  const { paint, maxWidth } = options;
  const shown = (line: string) => readCells(line).map((cell) => shownValue(cell, options));
  const names = readCells(sample[0] ?? "{}").map(
    ({ name }): ShownCell => ({ text: displayText(name), role: "header" }),
  );
  const header = options.isHeaderShown ? [names] : [];
  const widest = widestOf([...header, ...sample.map(shown)]);
  const asked = widest.map((width, at) => options.columnWidths[at] || width);
  const widths =
    maxWidth === null ? paddedWidths(asked, options, style) : fitWidths(asked, maxWidth, style);
  // A window that is too narrow for the columns would tear every row apart.
  if (widths === null) return { head: "", writer: lineFormat.start(options) };
  const drawing = {
    widths,
    style,
    paint,
    isWrapped: (at: number) => maxWidth !== null || Boolean(options.columnWidths[at]),
  };
  return {
    head: [
      drawRule(style.top, drawing),
      ...header.map((row) => drawRow(row, drawing) + drawRule(style.middle, drawing)),
    ].join(""),
    writer: {
      row: (line) => drawRow(shown(line), drawing),
      end: () => drawRule(style.bottom, drawing),
    },
  };
}

function shownValue({ text }: Cell, { nullText }: FormatOptions): ShownCell {
  return { text: displayText(text ?? nullText), role: text === null ? "null" : null };
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

/** Widths for a file or a pipe; what the user asked for (`.width`) stays. */
function paddedWidths(
  asked: readonly number[],
  { columnWidths }: FormatOptions,
  style: AlignedStyle,
): readonly number[] {
  const capped = asked.map((width) => Math.min(width, maxPaddedColumn));
  const widths = fitWidths(capped, maxPaddedRow, style) ?? asked.map(() => minWidth);
  return widths.map((width, at) => columnWidths[at] || width);
}

/** Narrows the widest columns, evenly, until a row fits; null where none can. */
function fitWidths(
  widths: readonly number[],
  maxWidth: number,
  style: AlignedStyle,
): readonly number[] | null {
  const { start, joint, end } = style.row;
  const room = maxWidth - start.length - end.length - joint.length * (widths.length - 1);
  const capped = (cap: number) => widths.map((width) => Math.min(width, cap));
  for (let cap = Math.max(room, minWidth); cap >= minWidth; cap -= 1) {
    const fitted = capped(cap);
    if (fitted.reduce((sum, width) => sum + width, 0) <= room) return fitted;
  }
  return null;
}

interface Drawing {
  readonly widths: readonly number[];
  readonly style: AlignedStyle;
  readonly paint: Paint;
  /** Whether a value that is wider than its column (counted from 0) goes on in the next line. */
  readonly isWrapped: (at: number) => boolean;
}

function drawRule(rule: Rule | null, { widths, paint }: Drawing): string {
  if (rule === null) return "";
  const line = widths.map((width) => rule.fill.repeat(width)).join(rule.joint);
  return `${paint("frame", `${rule.start}${line}${rule.end}`)}\n`;
}

function drawRow(row: readonly ShownCell[], drawing: Drawing): string {
  const { widths, style, paint, isWrapped } = drawing;
  const cells = row.map(({ text }, at) =>
    isWrapped(at) ? wrapText(text, widths[at] ?? 1) : [text],
  );
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
