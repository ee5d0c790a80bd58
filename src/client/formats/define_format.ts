import type { Paint } from "../paint.js";

/** How values are shown; set by options and by `.mode`, `.headers`, `.separator`, `.nullvalue`,
 * `.width`. */
export interface FormatOptions {
  readonly isHeaderShown: boolean;
  /** Null: the format's own. */
  readonly separator: string | null;
  readonly nullText: string;
  /** Widths that the aligned formats give the first columns; 0: as their values need. */
  readonly columnWidths: readonly number[];
  /** Columns that a line may take; null where the output is no terminal. */
  readonly maxWidth: number | null;
  /** Machine-readable formats escape control characters only where a terminal would obey them. */
  readonly isTerminal: boolean;
  readonly paint: Paint;
}

/** Turns the rows of one result into text. */
export interface ResultWriter {
  /** Text that a row, as a line of JSON, adds; may be empty where the writer gathers rows. */
  row(line: string): string;
  /** Text after the last row. */
  end(columns: readonly string[]): string;
}

/** A way to show results: one file each, listed in all.ts. */
export interface OutputFormat {
  readonly name: string;
  /** osquery's and sqlite's names for it. */
  readonly aliases: readonly string[];
  readonly description: string;
  /** Whether results that follow one another would not be read as one document. */
  readonly isDocument?: true;
  readonly start: (options: FormatOptions) => ResultWriter;
  /** For rows that come one by one without an end: shows each at once. */
  readonly startLive: (options: FormatOptions) => ResultWriter;
}

/** A format that gathers rows before it shows them needs a way of its own to show live ones. */
export function defineFormat(
  format: Omit<OutputFormat, "startLive"> & Partial<Pick<OutputFormat, "startLive">>,
): OutputFormat {
  return { startLive: format.start, ...format };
}
