import { displayText, displayWidth, wrapText } from "../display_text.js";
import { readCells } from "../row_cells.js";
import type { FormatOptions, ResultWriter } from "./define_format.js";

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
  let names: readonly string[] = [];
  let sample: (readonly string[])[] = [];
  let sampleCharacters = 0;
  let widths: readonly number[] | null = null;

  function drawSample(): string {
    const header = options.isHeaderShown ? [names] : [];
    const fitted = fitWidths(widestOf([...header, ...sample]), options.maxWidth, style);
    const text = [
      drawRule(style.top, fitted),
      ...header.map((row) => drawRow(row, fitted, style) + drawRule(style.middle, fitted)),
      ...sample.map((row) => drawRow(row, fitted, style)),
    ].join("");
    widths = fitted;
    sample = [];
    return text;
  }

  return {
    row(line) {
      const cells = readCells(line);
      const row = cells.map((cell) => displayText(cell.text ?? options.nullText));
      if (widths !== null) return drawRow(row, widths, style);
      names = cells.map((cell) => displayText(cell.name));
      sample.push(row);
      sampleCharacters += line.length;
      const isFull = sample.length >= maxSampleRows || sampleCharacters >= maxSampleCharacters;
      return isFull ? drawSample() : "";
    },
    end() {
      const text = sample.length > 0 ? drawSample() : "";
      return widths === null ? "" : text + drawRule(style.bottom, widths);
    },
  };
}

function widestOf(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, text] of row.entries()) {
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

function drawRule(rule: Rule | null, widths: readonly number[]): string {
  if (rule === null) return "";
  return `${rule.start}${widths.map((width) => rule.fill.repeat(width)).join(rule.joint)}${rule.end}\n`;
}

function drawRow(row: readonly string[], widths: readonly number[], style: AlignedStyle): string {
  const cells = row.map((text, at) => wrapText(text, widths[at] ?? 1));
  const height = Math.max(1, ...cells.map((pieces) => pieces.length));
  let text = "";
  for (let line = 0; line < height; line += 1) {
    const padded = cells.map((pieces, at) => pad(pieces[line] ?? "", widths[at] ?? 1));
    text += `${(style.row.start + padded.join(style.row.joint) + style.row.end).trimEnd()}\n`;
  }
  return text;
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}
