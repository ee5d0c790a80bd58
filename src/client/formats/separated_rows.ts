import { readCells } from "../row_cells.js";
import type { FormatOptions, ResultWriter } from "./define_format.js";

/** Rows of values with a separator between them, below a header of names. */
export function separatedWriter(
  options: FormatOptions,
  separator: string,
  quote: (text: string) => string,
): ResultWriter {
  let isHeaderDue = options.isHeaderShown;
  const join = (values: readonly string[]) => `${values.map(quote).join(separator)}\n`;
  return {
    row(line) {
      const cells = readCells(line);
      const header = isHeaderDue ? join(cells.map((cell) => cell.name)) : "";
      isHeaderDue = false;
      return header + join(cells.map((cell) => cell.text ?? options.nullText));
    },
    end: (columns) => (isHeaderDue && columns.length > 0 ? join(columns) : ""),
  };
}
