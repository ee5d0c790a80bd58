import type { Position } from "./diagnostic.js";

/** osquery refuses larger documents after stripping comments. */
const maxBytes = 4 * 1024 * 1024;

/** A configuration file without osquery's extensions of JSON, which still knows where it came from. */
export interface ConfigText {
  readonly text: string;
  /** Position in the file of an offset into `text`. */
  position(offset: number): Position;
}

/**
 * Applies what osquery does before it parses: backslash-newline is removed, then lines that start
 * with `#` or `//` are dropped. Comments elsewhere are not supported, as in osquery.
 */
export function stripConfigText(file: string, source: string): ConfigText {
  const pieces: string[] = [];
  // Piece i starts at `starts[i]` of the result and at `origins[i]` of the source.
  const starts: number[] = [];
  const origins: number[] = [];
  let length = 0;
  for (const line of logicalLines(source)) {
    const comment = /^\s*(#|\/\/)/.test(line.map((part) => part.text).join(""));
    if (comment) continue;
    for (const part of line) {
      pieces.push(part.text);
      starts.push(length);
      origins.push(part.origin);
      length += part.text.length;
    }
    pieces.push("\n");
    starts.push(length);
    const last = line.at(-1);
    origins.push(last === undefined ? 0 : last.origin + last.text.length);
    length += 1;
  }
  const text = pieces.join("");
  return {
    text,
    // The end of the text may lie behind the newline that the last line did not have.
    position: (offset) =>
      positionIn(file, source, Math.min(originOf(offset, starts, origins), source.length)),
  };
}

interface LinePart {
  readonly text: string;
  readonly origin: number;
}

/** Lines after joining those that end with a backslash. */
function logicalLines(source: string): LinePart[][] {
  const lines: LinePart[][] = [];
  let current: LinePart[] = [];
  let origin = 0;
  for (const text of source.split("\n")) {
    const continued = text.endsWith("\\");
    current.push({ text: continued ? text.slice(0, -1) : text, origin });
    origin += text.length + 1;
    if (!continued) {
      lines.push(current);
      current = [];
    }
  }
  if (current.length > 0) lines.push(current);
  return lines;
}

function originOf(offset: number, starts: readonly number[], origins: readonly number[]): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return (origins[low] ?? 0) + offset - (starts[low] ?? 0);
}

function positionIn(file: string, source: string, offset: number): Position {
  const before = source.slice(0, offset);
  return {
    file,
    line: before.split("\n").length,
    column: offset - (before.lastIndexOf("\n") + 1) + 1,
  };
}

/** Text of an editor that marks UTF-8 with U+FEFF, without that mark. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Whether a stripped document is larger than osquery takes. */
export function isTooLarge(config: ConfigText): boolean {
  return Buffer.byteLength(config.text) > maxBytes;
}
